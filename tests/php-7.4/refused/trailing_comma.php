<?php
function a(int $a,): void {}
