//! The whole protocol on the hosts that owners have, each at the least that hosts give: 64 MB and 5 seconds.

use physio_tests::conformance::PhpTarget;
use physio_tests::harness::{App, Extensions, Host, WebServer};

/// nginx before php-fpm, as the README says; PHP has PDO and no mysqli.
fn nginx_fpm_pdo(app: App) -> PhpTarget {
    let host = Host { server: WebServer::NginxFpm, extensions: Extensions::PdoOnly, ..Host::SMALL };
    PhpTarget::start_on(app, host)
}

/// Apache with the bridge's `.htaccess`, php-cgi for each request; PHP has mysqli and no PDO.
fn apache_cgi_mysqli(app: App) -> PhpTarget {
    let host = Host { server: WebServer::ApacheCgi, extensions: Extensions::MysqliOnly, ..Host::SMALL };
    PhpTarget::start_on(app, host)
}

mod nginx_and_fpm_with_pdo {
    physio_tests::for_each_case!(crate::nginx_fpm_pdo);
}

mod apache_and_cgi_with_mysqli {
    physio_tests::for_each_case!(crate::apache_cgi_mysqli);
}
