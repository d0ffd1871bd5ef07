//! Rows and checksum of every table, on both sides.

use crate::Result;
use crate::screen::{Compared, Screen, show_comparison};
use crate::server::Server;
use physio_runtime::{Error, Physio};
use physio_tests::harness::{App, compare as tables};

/// Rows of every synced table on the server.
pub(crate) fn count_server(app: &App, server: &Server) -> Result<Vec<(String, u64)>> {
    app.plan.tables.iter().map(|table| Ok((table.name.clone(), server.checksum(table)?.n_rows))).collect()
}

/// Compares every table and prints the result; whether all are equal.
pub(crate) fn compare(screen: &Screen, app: &App, server: &Server, physio: &Physio) -> Result<bool> {
    let mut compared = Vec::new();
    let in_wave_order = app.plan.waves.iter().flat_map(|wave| &wave.tables);
    for table in in_wave_order.filter_map(|name| app.plan.table(name)) {
        // Read straight from the file, past everything that the runtime might know better.
        let cache =
            physio.read(|connection| Ok::<_, Error>(tables::sqlite_checksum(connection, table)))??;
        compared.push(Compared { table: table.name.clone(), server: server.checksum(table)?, cache });
    }
    show_comparison(&compared);
    let n_different = compared.iter().filter(|line| !line.is_equal()).count();
    let verdict = match n_different {
        0 => "both sides are equal, row by row".to_owned(),
        n => format!("{n} tables differ"),
    };
    screen.verdict(n_different == 0, verdict);
    Ok(n_different == 0)
}
