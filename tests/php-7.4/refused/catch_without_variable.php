<?php
try { a(); } catch (Exception) {}
