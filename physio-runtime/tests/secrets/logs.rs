//! What a sync says at the most talkative level.

use super::*;
use physio_runtime::WhenRefused;
use std::io::Write;
use std::sync::Mutex;

/// Where everything goes that this program and its libraries log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_and_no_value_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .init();
    const TOKEN: &str = "token-Wombat-4412";
    let folder = folder();
    let bridge = EmbeddedBridge::start(plan()).unwrap();
    bridge.add_token(TOKEN);
    let keys = Arc::new(MemoryKeys::default());
    let physio = builder(&folder)
        .encrypted_with(Arc::clone(&keys))
        .token_in(Arc::clone(&keys))
        .bridge_url(bridge.url())
        .token(Token::new(TOKEN))
        .when_refused(WhenRefused::wipe_if(|_| true))
        .open()
        .unwrap();
    let made = keys.load(Entry::CacheKey).unwrap().unwrap();
    let hex = std::str::from_utf8(made.bytes()).unwrap().to_owned();
    bridge.with_store(|store| {
        let sql = "INSERT INTO branches (branch_name, clinic_name, is_active, created_at)
                   VALUES (?1, 'C', 1, '2025-01-02 03:04:05')";
        store.execute(sql, [format!("{NAME} there")]).unwrap();
    });
    physio.write(|tx| tx.insert(branch(NAME))).unwrap();
    physio.sync_now().await.unwrap();
    // A change that the server does not take, because the row is another one by now.
    bridge.with_store(|store| {
        store.execute("UPDATE branches SET branch_name = ?1", [format!("{NAME} moved")]).unwrap()
    });
    physio.write(|tx| tx.execute("UPDATE branches SET branch_name = ?1", [format!("{NAME} mine")])).unwrap();
    let _ = physio.sync_now().await;
    // A wrong key, and a refused token with its wipe.
    let copy = folder.path().join("copy.db");
    std::fs::copy(file(&folder), &copy).unwrap();
    Cache::open_encrypted(&copy, plan(), &key(9)).unwrap_err();
    let mut events = physio.events();
    bridge.revoke_token(TOKEN);
    physio.sync_now().await.unwrap_err();
    event(&mut events, |event| *event == Event::Wiped).await;
    tracing::trace!(canary = "Numbat-5510", "the log is written");
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    let holds = |what: &str| text.contains(what);
    assert!(holds("Numbat-5510"), "what is logged is seen here");
    assert!(holds("hyper") || holds("reqwest"), "also of libraries");
    for secret in [TOKEN, "Wombat", NAME, "Zebra", &hex] {
        let line = text.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{line:?}");
    }
}
