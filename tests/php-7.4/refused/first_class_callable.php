<?php
$a = strlen(...);
