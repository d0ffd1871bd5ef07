//! The first pull, with a progress bar a wave.

use crate::screen::{Screen, WaveBars};
use crate::server::Server;
use crate::{Result, proof};
use physio_runtime::{Event, Physio};
use physio_tests::harness::App;
use physio_tests::timing::{grouped, shown};
use std::time::Instant;
use tokio::sync::broadcast::error::RecvError;

/// Waits until every table is complete, drawing what the events say, and sums up.
pub(crate) async fn watch(screen: &Screen, app: &App, server: &Server, physio: &Physio) -> Result<()> {
    let counts = proof::count_server(app, server)?;
    let waves: Vec<(String, u64)> = app
        .plan
        .waves
        .iter()
        .map(|wave| {
            let of_wave = counts.iter().filter(|(table, _)| wave.tables.contains(table));
            (wave.name.clone(), of_wave.map(|(_, n_rows)| n_rows).sum())
        })
        .collect();
    let mut bars = WaveBars::new(&waves);
    let mut events = physio.events();
    let start = Instant::now();
    let synced = physio.wait_until_synced();
    tokio::pin!(synced);
    loop {
        tokio::select! {
            outcome = &mut synced => break outcome?,
            event = events.recv() => match event {
                Ok(Event::Progress { wave, table, n_rows, .. }) => bars.advance(&wave, &table, n_rows),
                // What was missed was only drawing; the cache holds the truth.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Err("the sync ended by itself".into()),
            },
        }
    }
    let took = start.elapsed();
    bars.finish();

    let status = physio.status()?;
    for wave in &app.plan.waves {
        let tables = status.tables.iter().filter(|table| table.wave == wave.name);
        let (mut n_rows, mut n_tables) = (0, 0);
        for table in tables {
            n_rows += table.n_rows;
            n_tables += 1;
        }
        screen.say(format!("{:<10}{:>10} rows in {n_tables} tables", wave.name, grouped(n_rows)));
    }
    let n_rows: u64 = status.tables.iter().map(|table| table.n_rows).sum();
    let per_second = n_rows as f64 / took.as_secs_f64();
    screen.note(format!("{}, {} rows a second", shown(took), grouped(per_second as u64)));
    Ok(())
}
