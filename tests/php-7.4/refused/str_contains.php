<?php
echo str_contains("abc", "a");
