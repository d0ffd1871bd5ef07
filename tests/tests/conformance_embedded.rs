//! The embedded bridge keeps the protocol.

physio_tests::for_each_case!(physio_tests::conformance::EmbeddedTarget::start);
