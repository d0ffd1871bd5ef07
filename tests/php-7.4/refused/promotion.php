<?php
final class A { public function __construct(private int $a) {} }
