<?php
echo str_pad(string: "a", length: 3);
