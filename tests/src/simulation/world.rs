//! One run: the plan's steps one after the other, then quiet, then the verdict.

mod act;
mod decide;
mod quiet;

use super::device::{Call, Device, Doing, Surroundings};
use super::figures::Figures;
use super::network::Message;
use super::plan::{Plan, Step};
use super::server::{BEGIN_MS, Server};
use super::shadow::Shadow;
use super::{check, dump};
use futures_util::FutureExt;
use physio_runtime::bridge::embedded::Request;
use physio_runtime::simulation::{Stepped, set_calendar};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a run without a fault brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What happened, in numbers.
    pub figures: Figures,
    /// Every device's file at the end, but for real times.
    pub files: String,
    /// What happened, line by line, if it was asked for.
    pub trace: Vec<String>,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub message: String,
    /// What happened, line by line, if it was asked for.
    pub trace: Vec<String>,
}

/// Runs plans, one at a time.
///
/// ```
/// use physio_tests::simulation::{Runner, plan_of_seed};
/// let plan = plan_of_seed(3);
/// let runner = Runner::new();
/// let report = runner.run(&plan).unwrap();
/// assert_eq!(runner.run(&plan).unwrap(), report, "the same seed gives the same files");
/// ```
#[derive(Debug)]
pub struct Runner {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    is_traced: bool,
}

impl Default for Runner {
    fn default() -> Self {
        Self::new()
    }
}

impl Runner {
    /// A runner that keeps no trace.
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime without network needs nothing");
        Self { runtime, client: reqwest::Client::new(), is_traced: false }
    }

    /// Keeps a trace of every run from now on.
    #[must_use]
    pub fn traced(self) -> Self {
        Self { is_traced: true, ..self }
    }

    /// Runs a plan to its verdict.
    ///
    /// # Errors
    ///
    /// What was lost, doubled, torn, stale or left over; a panic of the code under test too.
    pub fn run(&self, plan: &Plan) -> Result<Report, Failure> {
        // What a panic leaves behind is dropped within the runtime, where its tasks live.
        let _within = self.runtime.enter();
        let mut trace = Vec::new();
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut world = World::new(plan, self.client.clone(), self.is_traced);
            let ran = self.runtime.block_on(world.run(plan));
            trace = world.trace.take().unwrap_or_default();
            ran.map(|files| (files, std::mem::take(&mut world.figures)))
        }));
        set_calendar(None);
        let ran = ran.unwrap_or_else(|panic| Err(format!("panic: {}", text_of(&*panic))));
        match ran {
            Ok((files, figures)) => Ok(Report { figures, files, trace }),
            Err(message) => Err(Failure { message, trace }),
        }
    }
}

/// Keeps this thread, and those that it starts, on one processor. A run has several threads, of which one works at a
/// time: between processors, handing over takes longer than the work.
///
/// Where the system does not allow it, nothing happens. For several jobs at the same time, each with a number.
///
/// ```
/// physio_tests::simulation::stay_on_processor(0);
/// ```
pub fn stay_on_processor(job: usize) {
    if let Some(processors) = core_affinity::get_core_ids().filter(|processors| !processors.is_empty()) {
        core_affinity::set_for_current(processors[job % processors.len()]);
    }
}

type Done<T = ()> = Result<T, String>;

struct World {
    server: Server,
    devices: Vec<Device>,
    shadow: Shadow,
    /// Requests that were given up and are still on their way.
    stragglers: Vec<Request>,
    figures: Figures,
    trace: Option<Vec<String>>,
    messages: UnboundedReceiver<Message>,
    sender: UnboundedSender<Message>,
    client: reqwest::Client,
    application: super::plan::Application,
    seed: u64,
    is_upgraded: bool,
    // Dropped last: the files are in it.
    folder: TempDir,
}

impl World {
    fn new(plan: &Plan, client: reqwest::Client, is_traced: bool) -> Self {
        let (sender, messages) = unbounded_channel();
        let folder = folder();
        set_calendar(Some(BEGIN_MS));
        let around = Surroundings {
            application: plan.application,
            seed: plan.seed,
            folder: folder.path(),
            world: &sender,
            client: &client,
        };
        let devices = (0..plan.devices).map(|device| Device::new(device, &around)).collect();
        Self {
            server: Server::new(plan.application, plan.seed),
            devices,
            shadow: Shadow::new(plan.application),
            stragglers: Vec::new(),
            figures: Figures::default(),
            trace: is_traced.then(Vec::new),
            messages,
            sender,
            client,
            application: plan.application,
            seed: plan.seed,
            is_upgraded: false,
            folder,
        }
    }

    /// Every device's file at the end.
    async fn run(&mut self, plan: &Plan) -> Done<String> {
        for (number, step) in plan.steps.iter().enumerate() {
            self.tell(|| format!("step {number}: {step:?}"));
            self.figures.add("steps", 1);
            self.step(number, step).await.map_err(|fault| format!("step {number}: {fault}"))?;
        }
        self.settle(plan.seed).await?;
        let files: Result<Vec<String>, _> =
            self.devices.iter().map(|device| dump::dump(&device.cache)).collect();
        files.map(|files| files.concat()).map_err(|error| error.to_string())
    }

    async fn step(&mut self, number: usize, step: &Step) -> Done {
        let n_devices = self.devices.len();
        match step {
            Step::Write { device, ops, foreign } if *device < n_devices => {
                self.write(*device, number, ops, *foreign)
            }
            Step::Remote { ops } => {
                let is_done = self.server.change(ops, |at| format!("r{number}.{at}"));
                self.figures.add("remote transactions", u64::from(is_done));
                Ok(())
            }
            Step::Go { device, moves } if *device < n_devices => {
                for _ in 0..*moves {
                    self.go(*device).await?;
                }
                Ok(())
            }
            Step::Until { device, request } if *device < n_devices => self.until(*device, *request).await,
            Step::Ask { device } if *device < n_devices => {
                self.devices[*device].wakes.ask();
                Ok(())
            }
            Step::Trouble { device, fault } if *device < n_devices => self.trouble(*device, *fault).await,
            Step::Straggler { pick } => {
                self.straggler(*pick);
                Ok(())
            }
            Step::Kill { device, kill } if *device < n_devices => self.kill(*device, *kill),
            Step::Decide { device, pick } if *device < n_devices => {
                self.decide(*device, *pick, false).map(drop)
            }
            Step::Upgrade { device } if *device < n_devices => self.upgrade(*device),
            Step::UpgradeServer => {
                self.upgrade_server();
                Ok(())
            }
            Step::Backup => {
                self.server.back_up();
                Ok(())
            }
            Step::Restore => self.restore(),
            Step::NewEpoch => {
                self.figures.add("fault: new epoch", 1);
                self.server.start_epoch();
                Ok(())
            }
            Step::ForgetFeed => {
                self.figures.add("fault: feed forgotten", 1);
                self.server.forget_feed();
                Ok(())
            }
            Step::Rescope { device, pick } => {
                self.figures.add("fault: another scope", 1);
                self.server.rescope(*device, *pick);
                Ok(())
            }
            Step::RevokeToken => {
                self.figures.add("fault: token revoked", 1);
                self.server.revoke_token();
                Ok(())
            }
            Step::Jump { device, seconds } if *device < n_devices => self.jump(*device, *seconds),
            // A device that was taken out of the plan.
            Step::Write { .. }
            | Step::Go { .. }
            | Step::Until { .. }
            | Step::Ask { .. }
            | Step::Trouble { .. }
            | Step::Kill { .. }
            | Step::Decide { .. }
            | Step::Upgrade { .. }
            | Step::Jump { .. } => Ok(()),
        }
    }

    /// One move of a device without trouble: its task begins, its request arrives, or the answer comes back.
    async fn go(&mut self, device: usize) -> Done {
        match &mut self.devices[device].doing {
            Doing::Idle(_) => self.begin(device).await,
            Doing::Busy { call: Some(Call { answer: None, .. }), .. } => {
                self.arrive(device);
                Ok(())
            }
            Doing::Busy { call: Some(Call { answer: Some(_), .. }), .. } => self.reply(device, None).await,
            Doing::Busy { call: None, .. } => {
                Err(format!("device {device} runs a step that nobody waited for"))
            }
        }
    }

    /// Begins the task that is due; when none is, time passes until one will be.
    async fn begin(&mut self, device: usize) -> Done {
        let Doing::Idle(mut stepper) = self.take_doing(device) else {
            return Err(format!("device {device} is busy"));
        };
        let (now, life, world) = (self.devices[device].now, self.devices[device].life, self.sender.clone());
        let step = tokio::spawn(async move {
            let ended = AssertUnwindSafe(stepper.step(now)).catch_unwind().await;
            let message = match ended {
                Ok(stepped) => Message::Stepped { life, stepper, stepped },
                Err(panic) => Message::Panicked { life, text: text_of(&*panic) },
            };
            // Nobody receives it any more after the end of the world.
            let _ = world.send(message);
        });
        self.devices[device].doing = Doing::Busy { step: step.abort_handle(), call: None };
        self.pump(device).await
    }

    /// Waits until the device needs the network or has ended its step. Nothing else runs meanwhile: every other
    /// device waits for the network.
    async fn pump(&mut self, device: usize) -> Done {
        self.devices[device].set_calendar();
        loop {
            let Some(message) = self.messages.recv().await else {
                return Err("the channel closed".to_owned());
            };
            let own = self.devices[device].life;
            match message {
                Message::Sent { life, request, reply } if life == own => {
                    self.figures.add("requests", 1);
                    self.tell(|| format!("  device {device} sends {}", told(&request)));
                    if request.path.ends_with("batch.php") {
                        self.devices[device].note_durable();
                    }
                    if let Doing::Busy { call, .. } = &mut self.devices[device].doing {
                        *call = Some(Call { request, reply, answer: None });
                    }
                    return Ok(());
                }
                Message::Stepped { life, stepper, stepped } if life == own => {
                    self.devices[device].doing = Doing::Idle(stepper);
                    return self.stepped(device, stepped);
                }
                Message::Panicked { life, text } if life == own => return Err(format!("panic: {text}")),
                // Of a process that was killed.
                Message::Sent { .. } | Message::Stepped { .. } | Message::Panicked { .. } => {}
            }
        }
    }

    fn stepped(&mut self, device: usize, stepped: Stepped) -> Done {
        let state = &mut self.devices[device];
        match stepped {
            Stepped::Waits(Some(until)) => state.now = state.now.max(until),
            Stepped::Waits(None) => {
                self.figures.add("logins", 1);
                self.server.renew_token();
                self.devices[device].wakes.new_token();
            }
            Stepped::Worked(task) => {
                self.figures.add("tasks", 1);
                self.tell(|| format!("  device {device} has done {task}"));
                // The next answer may mend what this one left behind.
                if task == "push" {
                    return check::keys(&self.devices[device].cache)
                        .map_err(|fault| format!("device {device}: {fault}"));
                }
            }
            Stepped::Ended { task, is_full, error } => {
                let ended = error.map_or(Ok(()), |error| Err(error.to_string()));
                if is_full {
                    state.last_round = Some(ended.clone());
                }
                self.figures.add("tasks", 1);
                self.figures.add("rounds", 1);
                self.tell(|| format!("  device {device} has ended a round with {task}: {ended:?}"));
                return check::always(&self.devices[device].cache)
                    .map_err(|fault| format!("device {device}: {fault}"));
            }
        }
        Ok(())
    }

    fn take_doing(&mut self, device: usize) -> Doing {
        // What stands there for a moment is never looked at.
        let nothing = Doing::Busy { step: tokio::spawn(async {}).abort_handle(), call: None };
        std::mem::replace(&mut self.devices[device].doing, nothing)
    }

    fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(line());
        }
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// In memory where the system has such a folder: a commit then waits for no disk.
fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

fn told(request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body);
    format!("{} {}?{} {body}", request.method, request.path, request.query)
}
