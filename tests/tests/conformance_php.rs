//! Real PHP over real MariaDB keeps the protocol.

physio_tests::for_each_case!(physio_tests::conformance::PhpTarget::start);
