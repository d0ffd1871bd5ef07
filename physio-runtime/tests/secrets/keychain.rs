//! A real keychain: GNOME Keyring behind the Secret Service, each time in a session of its own.
#![cfg(feature = "keychain")]

use super::*;

/// Runs the program in a new session whose keychain is on the disk, as after a new login.
fn in_session(home: &Path, cache: &Path, arguments: &[&str]) -> (i32, String) {
    let program = sidecar(cache);
    let script =
        "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$@\"";
    let mut command = Command::new("dbus-run-session");
    command
        .args(["--", "sh", "-c", script, "sh"])
        .arg(program.get_program())
        .args(program.get_args())
        .args(arguments)
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_RUNTIME_DIR", home)
        .env_remove("GNOME_KEYRING_CONTROL");
    let Output { status, stdout, stderr } =
        command.output().expect("dbus-run-session and gnome-keyring are installed");
    (status.code().expect("an exit code"), String::from_utf8([stdout, stderr].concat()).expect("UTF-8"))
}

#[test]
fn the_key_outlives_the_session_and_is_removed_by_a_wipe() {
    let (folder, home) = (folder(), folder());
    let path = file(&folder);
    let (code, text) = in_session(home.path(), &path, &["--encrypt", "--status"]);
    assert_eq!(code, 0, "{text}");
    let first = std::fs::read(&path).unwrap();
    assert!(!first.starts_with(b"SQLite"));
    let (code, text) = in_session(home.path(), &path, &["--encrypt", "--status"]);
    assert!(code == 0 && text.contains("branches"), "{text}");
    let (code, text) =
        in_session(home.path(), &path, &["--encrypt", "--keychain-name", "another", "--status"]);
    assert!(code == 1 && text.contains("has no key"), "{text}");
    let (code, text) = in_session(home.path(), &path, &["--encrypt", "--convert", "new-key"]);
    assert_eq!(code, 0, "{text}");
    let second = std::fs::read(&path).unwrap();
    let (code, text) = in_session(home.path(), &path, &["--encrypt", "--wipe"]);
    assert_eq!(code, 0, "{text}");
    assert!(!path.exists());
    // The files of before come back from somewhere: no key opens them any more.
    for old in [first, second] {
        std::fs::write(&path, old).unwrap();
        let (code, text) = in_session(home.path(), &path, &["--encrypt", "--status"]);
        assert!(code == 1 && text.contains("has no key"), "{text}");
    }
    // A machine without a keychain says so.
    let mut command = sidecar(&path);
    command.args(["--encrypt", "--status"]).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let (code, text) = ran(&mut command);
    assert!(code == 1 && text.contains("Secret Service"), "{text}");
}
