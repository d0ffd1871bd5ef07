<?php
function a(int|string $a): void {}
