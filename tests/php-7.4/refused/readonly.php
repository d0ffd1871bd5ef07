<?php
final class A { public readonly int $a; }
