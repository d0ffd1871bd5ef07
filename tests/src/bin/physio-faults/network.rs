//! A network that cuts connections at any byte, in both directions, delays and splits.

use crate::figures::Figure;
use crate::{Result, Setting};
use physio_tests::faults::server::TOKEN;
use physio_tests::faults::{Device, Ledger, Proxy, Said, Server, Weather};

const N_DEVICES: usize = 3;
const BAD: Weather = Weather { cut_percent: 40, delay_percent: 10, is_split: true };

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>> {
    let (n_runs, n_units) = if setting.args.quick { (2, 15) } else { (20, 60) };
    let server = Server::start(setting.seed, 300)?;
    let proxy = Proxy::new(server.stack.php.port(), setting.seed);
    proxy.set_weather(BAD);
    let devices: Vec<Device> =
        (0..N_DEVICES).map(|_| Device::new(&setting.client, proxy.url(), TOKEN)).collect();
    let mut said = vec![Said::default(); N_DEVICES];
    for run in 0..n_runs {
        // The first pull of each device meets the same weather.
        let mut processes: Vec<_> = devices
            .iter()
            .enumerate()
            .map(|(number, device)| {
                let units = if run == 0 { 0 } else { n_units };
                device.start(&format!(
                    "--page-rows 100 --push-bytes 5000 --timeout-s 5 --eager --until-synced --units {units} \
                     --run d{number}r{run} --branch {} --contend-from {}",
                    number + 1,
                    run * 1000 + 1
                ))
            })
            .collect();
        for (process, said) in processes.drain(..).zip(&mut said) {
            said.take(&process.finish());
        }
    }
    let (in_requests, in_answers) = proxy.n_cut();
    let n_connections = proxy.n_connections();
    proxy.set_weather(Weather::default());
    for device in &devices {
        device.sync("");
    }
    let pairs: Vec<(&Device, &Said)> = devices.iter().zip(&said).collect();
    let ledger = Ledger::check(&server, &pairs)?;
    server.stack.php.assert_clean();
    Ok(vec![
        Figure::count("connections", n_connections),
        Figure::count("cut in a request", in_requests),
        Figure::count("cut in an answer", in_answers),
        Figure::count("local transactions acknowledged", ledger.n_acknowledged as u64),
        Figure::count("of these on the server, once and whole", ledger.n_applied as u64),
        Figure::count("of these in an attention list", ledger.n_attention as u64),
        Figure::holds("nothing lost or doubled, rows equal", true, format!("{} compared", ledger.n_compared)),
        Figure::holds("connections were cut both ways", in_requests > 5 && in_answers > 5, String::new()),
    ])
}
