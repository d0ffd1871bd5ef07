<?php
$a = new WeakMap();
