//! Which tokens there are.

use super::Place;
use crate::Verdict;
use crate::terminal::{BAD, FAINT, GOOD, paint, say};
use anyhow::Result;

/// List every token: its id, its user, until when it holds, and whether it does.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let rows = args.place.open()?.rows()?;
    say(paint(FAINT, format!("{:<12}  {:<8}  {:<20}  user", "id", "state", "expires")));
    for row in &rows {
        let colour = if row.state == "valid" { GOOD } else { BAD };
        let state = paint(colour, format!("{:<8}", row.state));
        say(format!("{}  {state}  {:<20}  {}", row.id, row.expires, row.user));
    }
    let n_valid = rows.iter().filter(|row| row.state == "valid").count();
    say(format!("{} tokens, {n_valid} of them valid", rows.len()));
    Ok(Verdict::Good)
}
