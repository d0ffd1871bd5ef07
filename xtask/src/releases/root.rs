//! Root folders of other distributions, made by debootstrap and kept in `target/releases`.

use super::list::Root;
use crate::terminal::say_heading;
use crate::{project, subprocess};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Says in a finished root which packages it was made with.
const NOTE: &str = "physio-packages";

/// Where the roots and the programs that lead into them are.
pub(super) fn home() -> PathBuf {
    project::root().join("target/releases")
}

/// The folder of a root.
pub(super) fn folder(root: &Root) -> PathBuf {
    home().join(root.suite)
}

/// Whether this machine can make roots and run what is in them.
///
/// # Errors
///
/// What is missing, with the line to run.
pub(super) fn ensure_possible() -> Result<()> {
    let user = Command::new("id").arg("-u").output().context("cannot start `id`")?;
    if user.stdout.trim_ascii() != b"0" {
        bail!(
            "only root may make the root folder of a distribution and run its programs (chroot, mount). Run:\n  \
             sudo -E env \"PATH=$PATH\" cargo xtask releases"
        );
    }
    let needed = [("debootstrap", "debootstrap"), ("unshare", "util-linux"), ("chroot", "coreutils")];
    let missing: Vec<&str> = needed
        .iter()
        .filter(|(program, _)| subprocess::find_program(program).is_none())
        .map(|(_, package)| *package)
        .collect();
    if !missing.is_empty() {
        bail!("programs are missing. Run:\n  apt-get install -y {}", missing.join(" "));
    }
    Ok(())
}

/// Makes the root unless it is there, whole and with these packages.
///
/// # Errors
///
/// When debootstrap fails; its output has been seen.
pub(super) fn ensure(root: &Root) -> Result<()> {
    let whole = folder(root);
    let wanted = root.packages.join(",");
    if std::fs::read_to_string(whole.join(NOTE)).is_ok_and(|noted| noted == wanted) {
        return Ok(());
    }
    say_heading(format!("Making a root of {} (some minutes)", root.suite));
    let unfinished = home().join(format!("{}.unfinished", root.suite));
    for old in [&whole, &unfinished] {
        remove(old)?;
    }
    std::fs::create_dir_all(home()).context("target/releases cannot be made")?;
    let mut debootstrap = subprocess::program("debootstrap");
    debootstrap.args(["--variant=minbase", &format!("--components={}", root.components)]);
    debootstrap.arg(format!("--include={wanted}")).arg(root.suite).arg(&unfinished).arg(root.mirror);
    debootstrap.args(root.script);
    // In a mount namespace of its own, so that /proc is not left mounted when it is killed.
    if !subprocess::run_to_end(&mut in_namespace(&debootstrap))? {
        bail!("`{}` failed; see above", subprocess::shown(&debootstrap));
    }
    std::fs::write(unfinished.join(NOTE), wanted).context("the root cannot be written to")?;
    std::fs::rename(&unfinished, &whole).context("the root cannot be put in place")?;
    Ok(())
}

/// The same command in a mount namespace that ends with it.
pub(super) fn in_namespace(command: &Command) -> Command {
    let mut unshare = subprocess::program("unshare");
    unshare.args(["--mount", "--propagation", "private", "--"]).arg(command.get_program());
    unshare.args(command.get_args());
    unshare
}

/// Removes a root; never through a mount into the machine's own folders.
fn remove(folder: &Path) -> Result<()> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").context("cannot see what is mounted")?;
    if let Some(mounted) = mounted_below(&mounts, &folder.display().to_string()) {
        bail!("{mounted} is mounted: `umount` it, then try again");
    }
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The first place in or below a folder that something is mounted on, as `/proc/mounts` lists them.
fn mounted_below<'m>(mounts: &'m str, folder: &str) -> Option<&'m str> {
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    places
        .into_iter()
        .find(|place| place.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mounted_below_a_root_is_seen_and_what_is_beside_it_is_not() {
        let mounts = "proc /proc proc rw 0 0\n/dev/a /x/target/releases/sid.unfinished ext4 rw 0 0\n\
                      proc /x/target/releases/sid/proc proc rw 0 0\n";
        assert_eq!(mounted_below(mounts, "/x/target/releases/sid"), Some("/x/target/releases/sid/proc"));
        assert_eq!(mounted_below(mounts, "/x/target/releases/trixie"), None);
        assert_eq!(
            mounted_below(mounts, "/x/target/releases/sid.unfinished"),
            Some("/x/target/releases/sid.unfinished")
        );
    }

    #[test]
    fn a_namespace_is_put_before_the_command() {
        let mut command = Command::new("debootstrap");
        command.args(["sid", "folder"]);
        let shown = subprocess::shown(&in_namespace(&command));
        assert_eq!(shown, "unshare --mount --propagation private -- debootstrap sid folder");
    }
}
