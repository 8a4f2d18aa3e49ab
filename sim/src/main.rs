//! Millions of days of sessions on a virtual clock, and what went wrong in them.
//!
//! `docs/simulation.md` says what is modelled and what the figures mean.

mod api;
mod device;
mod dice;
mod history;
mod idle;
mod instance;
mod names;
mod network;
mod options;
mod passing;
mod plan;
mod report;
mod rivals;
mod server;
mod storage;
mod tab;
mod tally;
mod thief;
mod user;
mod world;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use options::Options;
use plan::Plan;
use tally::Tally;
use world::World;

/// What the threads have done together.
#[derive(Default)]
struct Run {
    tally: Tally,
    failures: Vec<(u64, &'static str)>,
    /// How many worlds that is.
    counted: u64,
    /// Worlds that were over before others with lower numbers.
    early: BTreeMap<u64, Tally>,
}

#[allow(clippy::disallowed_methods, reason = "how long it takes is for whoever waits for it")]
fn started() -> Instant {
    Instant::now()
}

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let since = started();
    let run = match options.world {
        Some(world) => one(&options, world),
        None => all(&options),
    };
    report::print(&options, &run.tally, since.elapsed().as_secs_f64());
    for (world, failure) in &run.failures {
        println!("world {world}: {failure}");
    }
    if let Some((world, failure)) = run.failures.iter().min() {
        report::failure(&options, *world, failure);
    }
    println!("{} device-days, {} failures", run.tally.device_days, run.failures.len());
    if run.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One world with its history, as it is.
fn one(options: &Options, number: u64) -> Run {
    let world = World::new(options.plan(number), true).run();
    for line in world.history.iter().flatten() {
        println!("{line}");
    }
    let failures = world.tally.failure.iter().map(|failure| (number, *failure)).collect();
    Run { tally: world.tally, failures, ..Run::default() }
}

/// One world after the other until there are days enough, on all cores.
fn all(options: &Options) -> Run {
    let (next, run, since) = (AtomicU64::new(0), Mutex::new(Run::default()), started());
    thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let world = World::new(options.plan(number), false).run();
                    let mut run = run.lock().expect("no thread panics while it counts");
                    run.early.insert(number, world.tally);
                    if run.count(options, since) {
                        return;
                    }
                }
            });
        }
    });
    run.into_inner().expect("no thread panics while it counts")
}

impl Run {
    /// Adds the worlds whose turn has come, by their numbers, so that a seed gives one result on any machine; whether
    /// that is enough.
    fn count(&mut self, options: &Options, since: Instant) -> bool {
        while self.tally.device_days < options.days && self.failures.len() < 20 {
            let Some(tally) = self.early.remove(&self.counted) else { return false };
            let before = self.tally.device_days * 10 / options.days;
            self.tally.add(&tally);
            self.failures.extend(tally.failure.map(|failure| (self.counted, failure)));
            self.counted += 1;
            if self.tally.device_days * 10 / options.days > before {
                let seconds = since.elapsed().as_secs();
                eprintln!("  {} device-days in {seconds} s", self.tally.device_days);
            }
        }
        true
    }
}

impl Options {
    fn plan(&self, number: u64) -> Plan {
        let seed = dice::Dice::new(self.seed, number).next();
        let mut plan = Plan::new(seed, self.scheme, &self.without);
        plan.attempts = self.attempts;
        if self.one_token { plan.with_one_token() } else { plan }
    }
}
