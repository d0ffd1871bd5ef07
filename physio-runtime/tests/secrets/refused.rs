//! The server refuses the token.

use super::*;
use physio_runtime::WhenRefused;
use std::sync::Mutex;

fn bridge() -> EmbeddedBridge {
    let bridge = EmbeddedBridge::start(plan()).unwrap();
    bridge.add_token("a-token");
    bridge
}

fn open(folder: &TempDir, bridge: &EmbeddedBridge, what: WhenRefused) -> Physio {
    builder(folder).bridge_url(bridge.url()).token(Token::new("a-token")).when_refused(what).open().unwrap()
}

#[tokio::test]
async fn everything_is_kept_unless_the_application_says_otherwise() {
    let (bridge, folder) = (bridge(), folder());
    let physio = open(&folder, &bridge, WhenRefused::default());
    physio.sync_now().await.unwrap();
    bridge.revoke_token("a-token");
    physio.write(|tx| tx.insert(branch(NAME))).unwrap();
    assert_eq!(physio.sync_now().await.unwrap_err().kind(), ErrorKind::Login);
    assert_eq!(physio.status().unwrap().state, SyncState::LoginNeeded);
    assert_eq!((names(physio.cache()), physio.unsent().unwrap().n_changes()), (vec![NAME.to_owned()], 1));
}

#[tokio::test]
async fn unsent_changes_are_told_and_the_application_decides() {
    let (bridge, folder) = (bridge(), folder());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let physio = open(
        &folder,
        &bridge,
        WhenRefused::wipe_if(move |unsent| {
            noted.lock().unwrap().push(unsent.n_changes());
            unsent.is_empty()
        }),
    );
    physio.sync_now().await.unwrap();
    let mut events = physio.events();
    bridge.revoke_token("a-token");
    physio.write(|tx| tx.insert(branch(NAME))).unwrap();
    let told = event(&mut events, |event| matches!(event, Event::WipeAsked { .. })).await;
    assert_eq!(told, Event::WipeAsked { n_changes: 1, n_notices: 0 });
    // Not allowed: a new token sends it.
    bridge.add_token("new");
    physio.set_token(Token::new("new")).await.unwrap();
    physio.wait_until_synced().await.unwrap();
    assert_eq!(*asked.lock().unwrap(), [1]);
    assert_eq!(names(physio.cache()), [NAME]);
    // Now nothing is unsent.
    bridge.revoke_token("new");
    assert_eq!(physio.sync_now().await.unwrap_err().kind(), ErrorKind::Login);
    event(&mut events, |event| *event == Event::WipeAsked { n_changes: 0, n_notices: 0 }).await;
    event(&mut events, |event| *event == Event::Wiped).await;
    assert_eq!(*asked.lock().unwrap(), [1, 0]);
    assert!(!file(&folder).exists());
    assert_eq!(physio.status().unwrap_err().kind(), ErrorKind::Usage);
    assert_eq!(physio.sync_now().await.unwrap_err().kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn a_server_that_only_fails_is_no_reason_to_wipe() {
    use physio_runtime::bridge::embedded::{Fault, Faults};
    let (bridge, folder) = (bridge(), folder());
    let physio = open(&folder, &bridge, WhenRefused::wipe_if(|_| true));
    physio.sync_now().await.unwrap();
    bridge.set_faults(Faults::none().always(None, Fault::Offline));
    assert_eq!(physio.sync_now().await.unwrap_err().kind(), ErrorKind::Offline);
    bridge.set_faults(Faults::none());
    physio.sync_now().await.unwrap();
    assert!(file(&folder).exists());
}

#[tokio::test]
async fn a_refused_wipe_is_told() {
    let (bridge, folder) = (bridge(), folder());
    let physio = open(&folder, &bridge, WhenRefused::wipe_if(|_| true));
    physio.sync_now().await.unwrap();
    let other = Cache::open(&file(&folder), plan()).unwrap();
    let mut events = physio.events();
    bridge.revoke_token("a-token");
    assert_eq!(physio.sync_now().await.unwrap_err().kind(), ErrorKind::Login);
    let told = event(&mut events, |event| matches!(event, Event::WipeFailed { .. })).await;
    assert!(matches!(&told, Event::WipeFailed { reason } if reason.contains("open elsewhere")), "{told:?}");
    write(&other, NAME);
    assert_eq!(names(physio.cache()), [NAME]);
}
