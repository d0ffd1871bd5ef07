<?php
echo str_starts_with("abc", "a");
