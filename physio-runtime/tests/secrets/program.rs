//! The program's options.

use super::*;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_key_file_encrypts_and_wipe_asks_first() {
    let folder = folder();
    let path = file(&folder);
    let key_file = folder.path().join("key");
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "a-token\n").unwrap();
    let encrypted = || {
        let mut command = sidecar(&path);
        command.args(["--encrypt", "--key-file"]).arg(&key_file);
        command
    };
    let (code, text) = ran(encrypted().arg("--status"));
    assert_eq!(code, 0, "{text}");
    assert!(!is_plain(&path));
    assert_eq!(std::fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
    // Without the key, and with one that others can read.
    let (code, text) = ran(sidecar(&path).arg("--status"));
    assert!(code == 1 && text.contains("give its key"), "{text}");
    std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let (code, text) = ran(encrypted().arg("--status"));
    assert!(code == 1 && text.contains("chmod 600"), "{text}");
    std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(0o600)).unwrap();

    let encryption = Encryption::Store(Arc::new(KeyFile::new(&key_file)));
    write(&Cache::open_encrypted(&path, plan(), &encryption).unwrap(), NAME);
    let wipe = || {
        let mut command = encrypted();
        command.arg("--token-file").arg(&token_file).arg("--wipe");
        command
    };
    let (code, text) = ran(&mut wipe());
    assert!(code == 5 && text.contains("branches") && !text.contains(NAME), "{text}");
    let confirmation = text.trim_end().rsplit(' ').next().unwrap().to_owned();
    // One more change, and the code is not enough any more.
    write(&Cache::open_encrypted(&path, plan(), &encryption).unwrap(), "Late");
    let (code, text) = ran(wipe().arg(&confirmation));
    assert!(code == 1 && text.contains("came after"), "{text}");
    assert!(path.exists() && token_file.exists() && key_file.exists());
    let (_, text) = ran(&mut wipe());
    let confirmation = text.trim_end().rsplit(' ').next().unwrap().to_owned();
    let (code, text) = ran(wipe().arg(&confirmation));
    assert_eq!((code, text.as_str()), (0, "wiped\n"));
    assert!(!path.exists() && !token_file.exists() && !key_file.exists());
}

fn is_plain(path: &Path) -> bool {
    std::fs::read(path).unwrap().starts_with(b"SQLite format 3")
}

#[test]
fn a_token_file_that_others_can_read_is_told() {
    let folder = folder();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "token-Wombat-4412\n").unwrap();
    for (mode, is_told) in [(0o644, true), (0o600, false)] {
        std::fs::set_permissions(&token_file, std::fs::Permissions::from_mode(mode)).unwrap();
        // Nobody listens there.
        let mut command = sidecar(&file(&folder));
        command.args(["--bridge", "http://127.0.0.1:9/", "--once", "--token-file"]).arg(&token_file);
        let (code, text) = ran(&mut command);
        assert_eq!((code, text.contains("chmod 600")), (3, is_told), "{text}");
        assert!(!text.contains("Wombat"), "{text}");
    }
}

#[tokio::test]
async fn the_door_wipes_when_the_code_covers_everything() {
    use physio_runtime::sidecar::{Sidecar, SidecarOptions};
    let folder = folder();
    let physio = builder(&folder).open().unwrap();
    physio.write(|tx| tx.insert(branch(NAME))).unwrap();
    let door = Sidecar::start(physio.clone(), SidecarOptions::default()).await.unwrap();
    let client = reqwest::Client::new();
    let unsent = || async {
        let request = client.get(format!("{}/unsent", door.url())).bearer_auth(door.token());
        let text = request.send().await.unwrap().text().await.unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let wipe = |code: String| {
        let body = serde_json::json!({"code": code}).to_string();
        let request = client.post(format!("{}/wipe", door.url())).bearer_auth(door.token()).body(body);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    let first = unsent().await;
    assert_eq!((&first["n_changes"], &first["tables"][0][0]), (&1.into(), &"branches".into()));
    physio.write(|tx| tx.insert(branch("Late"))).unwrap();
    assert_eq!(wipe(first["code"].as_str().unwrap().to_owned()).await, 409);
    assert_eq!(wipe("nonsense".to_owned()).await, 400);
    let second = unsent().await;
    assert_eq!(second["n_changes"], 2);
    assert_eq!(wipe(second["code"].as_str().unwrap().to_owned()).await, 200);
    assert!(!file(&folder).exists());
    door.shutdown().await;
}
