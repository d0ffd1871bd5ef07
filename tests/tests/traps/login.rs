//! Tokens that end while something waits to be sent.

use super::*;
use physio_runtime::{ErrorKind, SyncState};

const NEXT: &str = "the-next-token-of-the-device";

#[tokio::test(flavor = "multi_thread")]
async fn the_token_expires_mid_push() {
    const N_UNITS: usize = 30;
    let site = Site::start();
    // The token's user does not exist here, which a changed row would be refused for.
    site.execute("ALTER TABLE api_tokens DROP FOREIGN KEY api_tokens_ibfk_1");
    // In the transaction of the batch that brings the tenth patient: it is applied, the next one is refused.
    site.execute(&format!(
        "CREATE TRIGGER expire AFTER INSERT ON patients FOR EACH ROW
         UPDATE api_tokens SET expires_at = '2000-01-01' WHERE token = '{TOKEN}' AND NEW.remarks = 'unit 9'"
    ));
    let physio = site.open_with("device", |plan| plan.sync.push_bytes = 1_500);
    physio.wait_until_synced().await.unwrap();
    site.unplug();
    for n in 0..N_UNITS {
        write(&physio, &patient(&format!("unit {n}")));
    }
    site.plug_in();
    let error = loop {
        let error = physio.sync_now().await.unwrap_err();
        if error.kind() != ErrorKind::Offline {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::Login, "{error}");
    let n_there = site.count("patients WHERE remarks LIKE 'unit %'");
    assert!((10..N_UNITS as u64).contains(&n_there), "{n_there} were sent before it expired");
    let status = physio.status().unwrap();
    assert_eq!(status.state, SyncState::LoginNeeded);
    assert_eq!(status.n_queued_units + n_there, N_UNITS as u64, "each is here or there");

    site.stack.add_token(NEXT, "UTC_TIMESTAMP() + INTERVAL 2 DAY", false).unwrap();
    physio.set_token(Token::new(NEXT)).await.unwrap();
    physio.sync_now().await.unwrap();
    physio.wait_until_synced().await.unwrap();
    assert_eq!(site.count("patients WHERE remarks LIKE 'unit %'"), N_UNITS as u64);
    assert_eq!(
        site.count("(SELECT DISTINCT remarks FROM patients WHERE remarks LIKE 'unit %') AS u"),
        N_UNITS as u64
    );
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_keeps_the_queue() {
    let site = Site::start();
    let physio = site.synced("device").await;
    site.execute(&format!("UPDATE api_tokens SET is_revoked = 1 WHERE token = '{TOKEN}'"));
    write(&physio, &patient("kept"));
    write(&physio, "UPDATE branches SET city = 'Kept' WHERE branch_id = 1");
    wait_until("the refusal", || physio.status().unwrap().state == SyncState::LoginNeeded);
    assert_eq!(physio.sync_now().await.unwrap_err().kind(), ErrorKind::Login);
    assert_eq!(physio.status().unwrap().n_queued_units, 2);
    assert_eq!(physio.attention().unwrap(), [], "a login is nobody's decision about a change");
    // Neither a restart nor further writes lose anything.
    physio.close().await;
    drop(physio);
    let physio = site.open("device");
    write(&physio, &patient("kept too"));
    assert_eq!(physio.status().unwrap().n_queued_units, 3);
    site.execute(&format!("UPDATE api_tokens SET is_revoked = 0 WHERE token = '{TOKEN}'"));
    physio.set_token(Token::new(TOKEN)).await.unwrap();
    physio.sync_now().await.unwrap();
    physio.wait_until_synced().await.unwrap();
    assert_eq!(site.count("patients WHERE remarks LIKE 'kept%'"), 2);
    assert_eq!(site.count("branches WHERE city = 'Kept'"), 1);
    site.assert_equal(&physio);
}
