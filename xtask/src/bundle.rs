//! `cargo xtask bundle`: one zip file with everything that is uploaded to a host.

use crate::Verdict;
use crate::project::{self, Project};
use crate::terminal::{say, say_good};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// What the web server may find; config.php is required by the other four.
const WEB_FILES: [&str; 6] = ["config.php", "read.php", "write.php", "sync.php", "batch.php", ".htaccess"];

/// Generated files that PHP reads.
const GENERATED_FOR_PHP: [&str; 2] = ["errors.php", "whitelist.php"];

/// Write one zip to upload: the PHP files, the generated whitelist, settings to fill in, and SQL for phpMyAdmin.
///
/// The generated files are made from the dump and physio.toml now, whatever lies in php-bridge/generated. The same
/// inputs give the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask bundle                                   target/physio-bridge.zip
  cargo xtask bundle --output clinic.zip
  cargo xtask bundle --config shop/physio.toml         another application

START-HERE.txt in the zip says what goes where. Afterwards: cargo xtask token create")]
pub(crate) struct Args {
    /// The sync description.
    #[arg(long, value_name = "FILE", default_value = "physio.toml")]
    config: PathBuf,
    /// Where to write it.
    #[arg(long, value_name = "FILE", default_value = "target/physio-bridge.zip")]
    output: PathBuf,
}

/// Packs the bridge of one application.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let project = Project::load(&args.config)?;
    let files = files(&project, &project::root().join("php-bridge"))?;
    let bytes = pack(&files)?;
    if let Some(folder) = args.output.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let place = || format!("cannot write {}", args.output.display());
    File::create(&args.output).and_then(|mut file| file.write_all(&bytes)).with_context(place)?;
    for (name, content) in &files {
        say(format!("  {name} ({} bytes)", content.len()));
    }
    say_good(format!(
        "{}: {} files of {}, fingerprint {}; unpack it and read START-HERE.txt",
        args.output.display(),
        files.len(),
        project.config.app.name,
        project.plan.fingerprint
    ));
    Ok(Verdict::Good)
}

/// Every file of the zip by its name in it, in order.
fn files(project: &Project, bridge: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let read = |path: &Path| {
        fs::read(path).with_context(|| format!("cannot read {}, a file of the bridge", path.display()))
    };
    let mut files = vec![("START-HERE.txt".to_owned(), start_here(project).into_bytes())];
    for name in WEB_FILES {
        files.push((format!("web/physio/{name}"), read(&bridge.join(name))?));
    }
    for path in php_files(&bridge.join("src"))? {
        let name = path.strip_prefix(bridge).unwrap_or(&path).components();
        let parts: Vec<_> = name.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        files.push((format!("web/physio/{}", parts.join("/")), read(&path)?));
    }
    let sample = read(&bridge.join("config.sample.php"))?;
    files.push(("above-the-web-root/physio-config.php".to_owned(), sample));
    for artefact in project.artefacts()? {
        let Some(name) = artefact.path.file_name().and_then(|name| name.to_str()) else { continue };
        let folder = match name {
            "install.sql" | "uninstall.sql" => "phpmyadmin",
            name if GENERATED_FOR_PHP.contains(&name) => "web/physio/generated",
            _ => continue,
        };
        files.push((format!("{folder}/{name}"), artefact.content.into_bytes()));
    }
    files.sort();
    Ok(files)
}

/// The PHP files below a folder.
fn php_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let place = || format!("cannot read {}, a folder of the bridge", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(place)? {
        let path = entry.with_context(place)?.path();
        if path.is_dir() {
            found.extend(php_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "php") {
            found.push(path);
        } else {
            bail!("{} is no PHP file; only those are uploaded", path.display());
        }
    }
    Ok(found)
}

/// Without times of this machine, so that the same files give the same zip.
fn pack(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, options).context("the zip cannot be made")?;
        zip.write_all(content).context("the zip cannot be made")?;
    }
    Ok(zip.finish().context("the zip cannot be made")?.into_inner())
}

fn start_here(project: &Project) -> String {
    format!(
        "Physio bridge of `{app}`: {n_tables} synced tables, fingerprint {fingerprint}\n\
         \n\
         1. phpmyadmin/install.sql\n\
         \x20  phpMyAdmin, your database, tab Import. It makes tables and triggers whose names begin with _physio_;\n\
         \x20  your own tables and rows stay as they are. uninstall.sql takes all of it away again.\n\
         2. above-the-web-root/physio-config.php\n\
         \x20  Fill in the database's name, user and password. Upload it next to the folder that your web pages\n\
         \x20  are in (often public_html), not into it. Where the host allows no files there, put it into the\n\
         \x20  folder of step 3.\n\
         3. web/physio\n\
         \x20  Upload the whole folder into the one that your web pages are in; with .htaccess, which your FTP\n\
         \x20  program may hide.\n\
         4. Open https://YOUR-SITE/physio/sync.php in a browser. An answer with token_missing is right.\n\
         \x20  https://YOUR-SITE/physio/generated/whitelist.php must show nothing or be forbidden.\n\
         \n\
         After a change of the schema: a new bundle, then steps 1 and 3 once more.\n",
        app = project.config.app.name,
        n_tables = project.plan.tables.len(),
        fingerprint = project.plan.fingerprint,
    )
}
