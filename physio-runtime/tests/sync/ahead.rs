//! A page may be on its way while the one before is written.

use super::*;
use physio_runtime::bridge::wire::{
    BatchAnswer, BridgeError, PageFrom, PageRequest, RowSink, StreamEnd, SyncRequest,
};
use physio_runtime::bridge::{Bridge, HttpBridge};
use physio_runtime::cache::Cache;
use std::sync::Mutex;

/// Notes which pages of one table are asked for, and does something while one is on its way.
struct Meanwhile {
    inner: HttpBridge,
    asked: Arc<Mutex<Vec<PageFrom>>>,
    /// Once, when the second page has come and is not used yet, or is just being written.
    action: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Bridge for Meanwhile {
    async fn sync<S: RowSink>(&self, request: &SyncRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        self.inner.sync(request, sink).await
    }
    async fn page<S: RowSink>(&self, request: &PageRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        let end = self.inner.page(request, sink).await?;
        if request.table == "branches" {
            self.asked.lock().expect("no panic").push(request.from.clone());
            if request.from != PageFrom::Start
                && let Some(action) = self.action.lock().expect("no panic").take()
            {
                action();
            }
        }
        Ok(end)
    }
    async fn push(&self, request: &[u8]) -> Result<BatchAnswer, BridgeError> {
        self.inner.push(request).await
    }
}

#[tokio::test]
async fn a_write_while_the_next_page_is_on_its_way_is_neither_lost_nor_overwritten() {
    let (server, folder) = (Arc::new(bridge()), folder());
    add_branches(&server, 2500);
    let mut plan = clinic::plan().clone();
    plan.sync.page_rows = 1000;
    let path = folder.path().join("cache.db");
    let cache = Cache::open(&path, Arc::new(plan.clone())).expect("a cache");
    let inner = HttpBridge::new(&server.url(), Token::new(TOKEN), cache.device(), &plan).expect("a client");
    drop(cache);
    let (writer, late) = (Arc::new(Mutex::new(None::<Physio>)), Arc::new(Mutex::new(None::<i64>)));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (by, key) = (Arc::clone(&writer), Arc::clone(&late));
    let action = move || {
        let writer = by.lock().expect("no panic");
        let physio = writer.as_ref().expect("it is open");
        let new = physio.write(|tx| tx.insert(branch("Meanwhile"))).expect("a local write");
        *key.lock().expect("no panic") = Some(new);
    };
    let bridge = Meanwhile { inner, asked: Arc::clone(&asked), action: Mutex::new(Some(Box::new(action))) };
    let physio = {
        // The loop waits for this lock if it comes there first.
        let mut slot = writer.lock().expect("no panic");
        slot.insert(Physio::builder(plan).cache(path).bridge(bridge).open().expect("a cache")).clone()
    };
    physio.wait_until_synced().await.expect("in sync");
    physio.sync_now().await.expect("a round");
    assert!(late.lock().expect("no panic").is_some(), "it was written while a page came");
    assert_eq!(server_count(&server, "branch_name = 'Meanwhile'"), 1);
    assert_eq!(physio.query::<Branches>("SELECT * FROM branches", []).expect("rows").len(), 2501);
    let asked = asked.lock().expect("no panic").clone();
    assert_eq!(asked[0], PageFrom::Start);
    // A page that a push came before is asked for once more; none is asked for a third time.
    assert!((3..=4).contains(&asked.len()), "{asked:?}");
    writer.lock().expect("no panic").take();
}
