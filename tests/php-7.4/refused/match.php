<?php
echo match (1) { 1 => "one", default => "other" };
