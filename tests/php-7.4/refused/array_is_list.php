<?php
echo array_is_list([]);
