<?php
final class A implements Stringable { public function __toString(): string { return ""; } }
