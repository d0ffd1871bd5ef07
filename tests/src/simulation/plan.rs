//! What happens in one run, step by step. Any list of steps is a valid plan: a step that has nothing to act on does
//! nothing, which is what lets a failing plan be shrunk.

use serde::{Deserialize, Serialize};

/// One run.
///
/// ```
/// use physio_tests::simulation::{Plan, plan_of_seed};
/// let plan = plan_of_seed(7);
/// assert_eq!(plan, plan_of_seed(7));
/// let text = serde_json::to_string(&plan).unwrap();
/// assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What went wrong when it was kept; for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Decides what the steps leave open: epochs, jitter, decisions at the end.
    pub seed: u64,
    /// Whose tables.
    pub application: Application,
    /// How many devices.
    pub devices: usize,
    /// What happens.
    pub steps: Vec<Step>,
}

impl Plan {
    /// As JSON, a line a step.
    ///
    /// ```
    /// use physio_tests::simulation::{Plan, plan_of_seed};
    /// let plan = plan_of_seed(7);
    /// assert_eq!(serde_json::from_str::<Plan>(&plan.to_text()).unwrap(), plan);
    /// ```
    pub fn to_text(&self) -> String {
        let json = |value: serde_json::Result<String>| value.expect("a plan is plain data");
        let steps: Vec<String> = self.steps.iter().map(|step| json(serde_json::to_string(step))).collect();
        let head = Self { steps: Vec::new(), ..self.clone() };
        let head = json(serde_json::to_string(&head));
        let head = head.strip_suffix("\"steps\":[]}").unwrap_or(&head);
        format!("{head}\"steps\":[\n{}\n]}}", steps.join(",\n"))
    }
}

/// An application of the simulation; each has three versions of its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Application {
    /// Patients and what belongs to them.
    Clinic,
    /// The same, where each device sees the patients of one branch, or of all.
    Branches,
    /// An inventory shop: text keys, composite keys, a self-reference, keys that people choose.
    Shop,
}

/// One thing that happens. `device` counts from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// A local transaction.
    Write {
        /// Where.
        device: usize,
        /// What it does.
        ops: Vec<Op>,
        /// By another program that has the file open and knows nothing of units.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        foreign: bool,
    },
    /// A transaction of another application of the server's database.
    Remote {
        /// What it does.
        ops: Vec<Op>,
    },
    /// The device's loop moves: a task begins, its request arrives at the server, or the answer comes back. As often.
    Go {
        /// Which.
        device: usize,
        /// Moves.
        moves: u8,
    },
    /// The device's loop moves until a request of this kind waits to be sent, a few dozen times at the most.
    Until {
        /// Which.
        device: usize,
        /// What waits then.
        request: Awaited,
    },
    /// A full round is asked for.
    Ask {
        /// Where.
        device: usize,
    },
    /// As `go` for one move, with trouble; a fault that does not fit the move does nothing.
    Trouble {
        /// Where.
        device: usize,
        /// Which.
        fault: Fault,
    },
    /// A request that was given up long ago arrives after all; nobody waits for its answer.
    Straggler {
        /// Which, of those on their way.
        pick: u16,
    },
    /// The device's process ends without goodbye and starts again.
    Kill {
        /// Which.
        device: usize,
        /// How much of the file's last transactions survives.
        kill: Kill,
    },
    /// A person looks at the attention list.
    Decide {
        /// Where.
        device: usize,
        /// Which item, and what about it.
        pick: u16,
    },
    /// The device's application is updated to the next version of the schema.
    Upgrade {
        /// Which.
        device: usize,
    },
    /// The server's tables and its bridge are updated to the next version of the schema.
    UpgradeServer,
    /// A backup of the server is made.
    Backup,
    /// The last backup is restored; a new epoch begins.
    Restore,
    /// A new epoch begins, as after a feed that was lost.
    NewEpoch,
    /// The feed's old entries are cleaned away.
    ForgetFeed,
    /// The user of a device gets another scope: one branch, or all.
    Rescope {
        /// Whose.
        device: usize,
        /// Which.
        pick: u16,
    },
    /// The token is refused until the next device asks for a new one.
    RevokeToken,
    /// Every clock of a device jumps: what its file notes of times, and the loop's own time by seconds.
    Jump {
        /// Where.
        device: usize,
        /// How far the loop's own clock, which never goes back, jumps.
        seconds: u32,
    },
}

/// A request that a step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaited {
    /// A batch of local writes.
    Push,
    /// A page of a table.
    Page,
    /// What has changed since the cursor.
    Delta,
}

/// One statement. Rows and columns are picked by numbers, taken modulo what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Op(
    /// What it does.
    pub What,
    /// Which table.
    pub u16,
    /// Which row or parent.
    pub u16,
    /// Which column, or which of a few values.
    pub u16,
);

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A new row.
    Insert,
    /// A new row, or the one with its key overwritten.
    Replace,
    /// A new text in one column.
    Update,
    /// Another parent.
    Move,
    /// Another value of a unique column, of a few.
    Rename,
    /// A row goes.
    Delete,
}

/// What befalls a request or its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The request never arrives.
    RequestLost,
    /// The client gives up; the request arrives later.
    RequestLate,
    /// The request arrives, and later once more.
    RequestDoubled,
    /// The server answers with this code of the wire instead of doing anything.
    Refused(u8),
    /// The host answers with a page of its own.
    Html(u16),
    /// The server did its work; the answer never arrives.
    ReplyLost,
    /// The answer breaks off after so many thousandths.
    ReplyCut(u16),
    /// An answer to an earlier push of this device comes instead.
    ReplyStale,
}

/// How a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kill {
    /// Killed: what was committed is there.
    Process,
    /// The power fails: of the commits after the last one that waited for the disk, only the first so many thousandths
    /// are there.
    Power(u16),
}

impl Kill {
    /// Whether the next process opens the file as any other does, which most of the time is left out: it reads the
    /// schema, and that takes longer than all the rest.
    pub(super) fn reads_schema(self) -> bool {
        matches!(self, Self::Power(thousandths) if thousandths.is_multiple_of(4))
    }
}
