//! Devices, PHP and MariaDB end by signal 9 at any moment while the devices write.

use crate::figures::Figure;
use crate::{Result, Setting};
use fastrand::Rng;
use physio_tests::faults::server::TOKEN;
use physio_tests::faults::{Device, Ledger, Process, Proxy, Said, Server};
use std::time::Duration;

const N_DEVICES: usize = 3;
/// Kills between two checks of everything.
const CHECK_EVERY: u32 = 75;
/// Small batches, so that there are many moments; numbers that all devices give out.
const WRITING: &str = "--push-bytes 4000 --units 100000 --pace-ms 4 --timeout-s 5 --eager";

struct Running {
    device: Device,
    process: Option<Process>,
    said: Said,
    n_runs: u32,
    branch: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Killed {
    devices: u32,
    php: u32,
    mariadb: u32,
}

impl Killed {
    fn sum(self) -> u32 {
        self.devices + self.php + self.mariadb
    }
}

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>> {
    let mut random = Rng::with_seed(setting.seed);
    let mut server = Server::start(setting.seed, 50)?;
    let proxy = Proxy::new(server.stack.php.port(), setting.seed);
    let mut devices: Vec<Running> = (0..N_DEVICES)
        .map(|number| Running {
            device: Device::new(&setting.client, proxy.url(), TOKEN),
            process: None,
            said: Said::default(),
            n_runs: 0,
            branch: number + 1,
        })
        .collect();
    for running in &devices {
        running.device.sync("");
    }
    let mut killed = Killed::default();
    let (mut ledger, mut n_checks) = (Ledger::default(), 0);
    while killed.sum() < setting.args.n_kills() {
        let until = (killed.sum() + CHECK_EVERY).min(setting.args.n_kills());
        for running in &mut devices {
            running.start(n_checks);
        }
        while killed.sum() + (N_DEVICES as u32) < until {
            std::thread::sleep(Duration::from_millis(random.u64(5..160)));
            match random.u8(..100) {
                0..70 => {
                    let running = &mut devices[random.usize(..N_DEVICES)];
                    running.kill();
                    running.start(n_checks);
                    killed.devices += 1;
                }
                70..92 => {
                    proxy.lead_to(None);
                    server.stack.replace_php()?;
                    proxy.lead_to(Some(server.stack.php.port()));
                    killed.php += 1;
                }
                _ => {
                    server.stack.maria().kill_and_restart()?;
                    killed.mariadb += 1;
                }
            }
        }
        for running in &mut devices {
            running.kill();
            killed.devices += 1;
        }
        settle(&devices);
        let pairs: Vec<(&Device, &Said)> =
            devices.iter().map(|running| (&running.device, &running.said)).collect();
        ledger = Ledger::check(&server, &pairs)?;
        n_checks += 1;
        anstream::eprintln!("  {} kills: {} acknowledged, all there", killed.sum(), ledger.n_acknowledged);
    }
    Ok(vec![
        Figure::count("devices killed", killed.devices.into()),
        Figure::count("PHP killed", killed.php.into()),
        Figure::count("MariaDB killed", killed.mariadb.into()),
        Figure::count("local transactions acknowledged", ledger.n_acknowledged as u64),
        Figure::count("of these on the server, once and whole", ledger.n_applied as u64),
        Figure::count("of these in an attention list", ledger.n_attention as u64),
        Figure::zero(
            "lost or doubled",
            (ledger.n_acknowledged - ledger.n_applied - ledger.n_attention) as u64,
        ),
        Figure::holds(
            "rows equal on all devices",
            true,
            format!("{} compared, {n_checks} times", ledger.n_compared),
        ),
        Figure::holds("something was tried", ledger.n_acknowledged > 100, String::new()),
    ])
}

/// Two rounds of everybody: what one device sends is then with all others.
fn settle(devices: &[Running]) {
    for _ in 0..2 {
        for running in devices {
            running.device.sync("--eager --timeout-s 10");
        }
    }
}

impl Running {
    fn start(&mut self, era: u32) {
        let (branch, run) = (self.branch, self.n_runs);
        self.n_runs += 1;
        let own = format!("--run d{branch}r{run} --branch {branch} --contend-from {}", era * 1000 + 1);
        self.process = Some(self.device.start(&format!("{WRITING} {own}")));
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // On a busy machine a device may not have opened its file yet: every second run has written something.
            if self.n_runs.is_multiple_of(2) {
                process.wait_for(|line| line.starts_with("written "));
            }
            self.said.take(&process.kill());
        }
    }
}
