//! The device's disk is full, or only to be read.

use crate::figures::Figure;
use crate::{Result, Setting};
use physio_tests::faults::server::TOKEN;
use physio_tests::faults::{Device, Ledger, Proxy, Said, Server};
use std::path::Path;
use std::process::Command;

/// Refused writes that are waited for.
const N_REFUSED: usize = 20;
/// Acknowledged writes that are waited for once there is space again.
const N_AFTER: usize = 20;
/// The same for every run: with other settings the file is brought up to date first, which takes space.
const SETTINGS: &str = "--timeout-s 30";
const WRITING: &str = "--stubborn --units 1000000 --pace-ms 1 --timeout-s 30";

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>> {
    let mut figures = limited_file(setting)?;
    match SmallDisk::mount() {
        Ok(disk) => {
            figures.extend(full_disk(setting, &disk)?);
            figures.extend(read_only(setting, &disk)?);
        }
        // Said, not passed over: this user may not mount anything.
        Err(error) => {
            figures.push(Figure::plain("full and read-only file system", format!("not tried: {error}")))
        }
    }
    Ok(figures)
}

/// A file system of a few megabytes in memory.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount() -> Result<Self> {
        let disk = Self { folder: tempfile::Builder::new().prefix("physio-disk-").tempdir()? };
        run_command("mount", &["-t", "tmpfs", "-o", "size=4m", "physio-faults", disk.path()])?;
        Ok(disk)
    }

    fn remount(&self, options: &str) -> Result<()> {
        run_command("mount", &["-o", &format!("remount,{options}"), self.path()])
    }

    fn path(&self) -> &str {
        self.folder.path().to_str().unwrap_or_default()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // It may not be mounted; the folder goes in any case.
        drop(run_command("umount", &["-l", self.path()]));
    }
}

fn run_command(program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program).args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}

/// No file may grow: what the kernel says then is not that the disk is full, but an error of another kind.
fn limited_file(setting: &Setting) -> Result<Vec<Figure>> {
    let server = Server::start(setting.seed, 20)?;
    let proxy = Proxy::new(server.stack.php.port(), setting.seed);
    let unlimited = Device::new(&setting.client, proxy.url(), TOKEN);
    unlimited.sync(SETTINGS);
    // The log of the file holds what the file itself does not have yet.
    let log = unlimited.file().with_extension("db-wal");
    let n_bytes = std::fs::metadata(unlimited.file())?.len() + std::fs::metadata(log)?.len();
    let kib = n_bytes / 1024 + 600;
    // The signal is ignored, so that the write fails in place of the process.
    let script = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$@\"", kib * 2);
    let limited = unlimited.started_by(&["sh", "-c", &script, "limit"]);
    let (said, refused) = fill_and_free(&limited, &proxy, &server, |process| {
        run_command("prlimit", &["--pid", &process.to_string(), "--fsize=unlimited"])
    })?;
    let ledger = finish(&server, &limited.started_by(&["env"]), &said)?;
    figures("a file that may not grow", &server, &ledger, &refused, "the disk answers with an error")
}

fn full_disk(setting: &Setting, disk: &SmallDisk) -> Result<Vec<Figure>> {
    let server = Server::start(setting.seed, 20)?;
    let proxy = Proxy::new(server.stack.php.port(), setting.seed);
    let device = Device::new(&setting.client, proxy.url(), TOKEN).in_folder(Path::new(disk.path()));
    device.sync(SETTINGS);
    let (said, refused) = fill_and_free(&device, &proxy, &server, |_| disk.remount("size=256m"))?;
    let ledger = finish(&server, &device, &said)?;
    std::fs::remove_file(device.file())?;
    figures("a full disk", &server, &ledger, &refused, "the disk is full")
}

/// Writes offline until the disk refuses, goes online, writes on when there is space; gives what was acknowledged and
/// what was said of the refused.
fn fill_and_free(
    device: &Device,
    proxy: &Proxy,
    server: &Server,
    free: impl FnOnce(u32) -> Result<()>,
) -> Result<(Said, Vec<String>)> {
    proxy.lead_to(None);
    let mut process = device.start(&format!("{WRITING} --run full"));
    for _ in 0..N_REFUSED {
        process.try_wait_for(|line| line.starts_with("refused "))?;
    }
    // A push needs space too; it must not go wrong either.
    proxy.lead_to(Some(server.stack.php.port()));
    for _ in 0..N_REFUSED {
        process.try_wait_for(|line| line.starts_with("refused ") || line.starts_with("written "))?;
    }
    free(process.id())?;
    for _ in 0..N_AFTER {
        process.try_wait_for(|line| line.starts_with("written "))?;
    }
    let lines = process.kill();
    let mut said = Said::default();
    said.take(&lines);
    Ok((said, lines.into_iter().filter(|line| line.starts_with("refused ")).collect()))
}

fn finish(server: &Server, device: &Device, said: &Said) -> Result<Ledger> {
    device.sync(&format!("--eager {SETTINGS}"));
    Ok(Ledger::check(server, &[(device, said)])?)
}

fn figures(
    what: &str,
    server: &Server,
    ledger: &Ledger,
    refused: &[String],
    expected: &str,
) -> Result<Vec<Figure>> {
    let log = server.log()?;
    let markers = refused.iter().filter_map(|line| line.split(' ').nth(1));
    let is_there = |marker: &str| log.keys().any(|(_, written)| written == marker);
    let n_there = markers.filter(|marker| is_there(marker)).count();
    let n_clear = refused.iter().filter(|line| line.contains("Storage") && line.contains(expected)).count();
    let example = refused.iter().find(|line| !(line.contains("Storage") && line.contains(expected)));
    Ok(vec![
        Figure::count(&format!("{what}: writes refused"), refused.len() as u64),
        Figure::holds(
            &format!("{what}: each said why"),
            n_clear == refused.len() && n_clear > 0,
            example.cloned().unwrap_or_default(),
        ),
        Figure::count(&format!("{what}: writes acknowledged"), ledger.n_acknowledged as u64),
        Figure::zero(
            &format!("{what}: of these lost or doubled"),
            (ledger.n_acknowledged - ledger.n_applied) as u64,
        ),
        Figure::zero(&format!("{what}: refused and on the server all the same"), n_there as u64),
    ])
}

/// A device that starts on a disk that can only be read says so and ends; nothing is lost.
fn read_only(setting: &Setting, disk: &SmallDisk) -> Result<Vec<Figure>> {
    let server = Server::start(setting.seed, 20)?;
    let proxy = Proxy::new(server.stack.php.port(), setting.seed);
    let device = Device::new(&setting.client, proxy.url(), TOKEN).in_folder(Path::new(disk.path()));
    device.sync(SETTINGS);
    proxy.lead_to(None);
    let mut said = Said::default();
    let mut process = device.start(&format!("{WRITING} --run before"));
    for _ in 0..30 {
        process.try_wait_for(|line| line.starts_with("written "))?;
    }
    said.take(&process.kill());
    disk.remount("ro")?;
    let output =
        device.command(&format!("{SETTINGS} --units 1")).stderr(std::process::Stdio::piped()).output()?;
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    disk.remount("rw")?;
    proxy.lead_to(Some(server.stack.php.port()));
    let ledger = finish(&server, &device, &said)?;
    let is_clear = !output.status.success() && text.contains("writ");
    Ok(vec![
        Figure::holds("a read-only disk: it says why and ends", is_clear, text),
        Figure::holds(
            "a read-only disk: what was acknowledged before is sent once",
            ledger.n_applied == ledger.n_acknowledged && ledger.n_acknowledged >= 30,
            format!("{} acknowledged", ledger.n_acknowledged),
        ),
    ])
}
