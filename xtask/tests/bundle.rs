//! `cargo xtask bundle`: what is in the zip, and that PHP runs it.

mod surroundings;

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use surroundings::Project;
use zip::ZipArchive;

fn bundle(project: &Project, name: &str) -> Vec<u8> {
    let output = project.path(name);
    let ran = project.xtask("bundle", &["--output", &output.display().to_string()]);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    std::fs::read(output).expect("it was written")
}

#[test]
fn the_zip_holds_what_is_uploaded_and_nothing_else() {
    let project = Project::of_the_clinic();
    let bytes = bundle(&project, "new/one.zip");
    let mut zip = ZipArchive::new(std::io::Cursor::new(&bytes)).expect("a zip");
    let names: Vec<String> = zip.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    for file in
        ["config.php", "read.php", "write.php", "sync.php", "batch.php", ".htaccess", "src/Bridge.php"]
    {
        let mut content = Vec::new();
        let mut packed =
            zip.by_name(&format!("web/physio/{file}")).unwrap_or_else(|_| panic!("{file} is missing"));
        packed.read_to_end(&mut content).expect("readable");
        assert_eq!(content, std::fs::read(root.join("php-bridge").join(file)).expect("readable"), "{file}");
    }
    for other in [
        "web/physio/generated/whitelist.php",
        "web/physio/generated/errors.php",
        "phpmyadmin/install.sql",
        "phpmyadmin/uninstall.sql",
        "above-the-web-root/physio-config.php",
        "START-HERE.txt",
    ] {
        assert!(names.iter().any(|name| name == other), "{other} is missing: {names:?}");
    }
    // Nothing that a browser could fetch but the bridge itself: no SQL, no documentation, no tests.
    let in_web = names.iter().filter(|name| name.starts_with("web/"));
    for name in in_web {
        assert!(name.ends_with(".php") || name.ends_with("/.htaccess"), "{name}");
        assert!(!name.contains("tests") && !name.contains("sample"), "{name}");
    }
    assert_eq!(bundle(&project, "two.zip"), bytes, "the same files give the same zip");
}

#[test]
fn php_runs_what_was_unpacked() {
    let project = Project::of_the_clinic();
    let bytes = bundle(&project, "one.zip");
    let mut zip = ZipArchive::new(std::io::Cursor::new(&bytes)).expect("a zip");
    zip.extract(project.path("unpacked")).expect("it unpacks");
    let server = Php::start(&project.path("unpacked/web"));
    let (status, body) = server.get("physio/sync.php");
    assert_eq!(status, 401, "{body}");
    assert!(body.contains("\"token_missing\""), "{body}");
    for closed in ["physio/generated/whitelist.php", "physio/src/Bridge.php"] {
        assert_eq!(server.get(closed).1, "", "{closed} shows something");
    }
    assert_eq!(server.get("physio/config.php").0, 404);
}

/// PHP's own web server; it ends with the value.
struct Php {
    process: Child,
    port: u16,
}

impl Php {
    fn start(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let process = Command::new("php")
            .args(["-S", &format!("127.0.0.1:{port}"), "-t"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("php is installed; `cargo xtask test` sees to it");
        let server = Self { process, port };
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("php does not answer after 10 s");
    }

    fn get(&self, path: &str) -> (u16, String) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut answer =
            agent.get(format!("http://127.0.0.1:{}/{path}", self.port)).call().expect("php answers");
        (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"))
    }
}

impl Drop for Php {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
