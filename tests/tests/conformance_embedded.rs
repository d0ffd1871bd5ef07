//! The embedded bridge keeps the protocol.

physio_tests::for_each_case!(physio_tests::conformance::EmbeddedTarget::start);

/// Thousands of requests that ask the bridge, not its host: once for each bridge is enough.
#[test]
fn every_cell_of_the_matrix_is_as_specified() {
    use physio_tests::conformance::{EmbeddedTarget, Target, access};
    let app = physio_tests::harness::App::clinic_by_role()
        .expect("the application's dump and physio.toml are good");
    let target = EmbeddedTarget::start(app);
    access::every_cell_of_the_matrix_is_as_specified(&target);
    target.check_clean();
}
