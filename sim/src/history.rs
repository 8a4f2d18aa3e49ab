//! Histories that people can read, and the shortest one that still fails.

use std::collections::BTreeSet;

use crate::plan::{DAY, HOUR, MINUTE, Plan, SECOND};
use crate::world::World;

/// How often a world is run again, at most, to find a shorter history.
const RUNS: u32 = 300;

/// A moment as a day and the time of that day.
pub fn instant(at: i64) -> String {
    let (day, hour, minute) = (at / DAY, at % DAY / HOUR, at % HOUR / MINUTE);
    let (second, rest) = (at % MINUTE / SECOND, at % SECOND);
    format!("day {day:2} {hour:02}:{minute:02}:{second:02}.{rest:03}")
}

/// A plan with less in it whose world still fails in the same way.
pub fn shortest(plan: &Plan, failure: &'static str) -> Plan {
    let mut search = Search { best: plan.clone(), failure, runs: 0 };
    search.fewer_kinds();
    search.less_of_all();
    search.later();
    search.fewer_kinds();
    search.single_faults();
    search.best
}

struct Search {
    best: Plan,
    failure: &'static str,
    runs: u32,
}

impl Search {
    /// Takes a plan if its world fails, too.
    fn take(&mut self, plan: Plan) -> bool {
        if self.runs >= RUNS {
            return false;
        }
        self.runs += 1;
        let world = World::new(plan.clone(), false).run();
        let fails = world.tally.failure == Some(self.failure);
        if fails {
            self.best = Plan { days: plan.days.min(world.at / DAY + 1), ..plan };
        }
        fails
    }

    fn fewer_kinds(&mut self) {
        for fault in self.best.faults.clone() {
            let mut plan = self.best.clone();
            plan.faults.remove(&fault);
            self.take(plan);
        }
    }

    fn less_of_all(&mut self) {
        for device in 0..self.best.devices {
            let mut plan = self.best.clone();
            plan.idle_devices.insert(device);
            self.take(plan);
        }
        for tabs in 1..self.best.tabs {
            if self.take(Plan { tabs, ..self.best.clone() }) {
                break;
            }
        }
    }

    /// Nothing goes wrong for as long as possible.
    fn later(&mut self) {
        let mut step = self.best.days * DAY / 2;
        while step > HOUR {
            let calm_until = self.best.calm_until + step;
            if !self.take(Plan { calm_until, ..self.best.clone() }) {
                step /= 2;
            }
        }
    }

    /// Leaves out many single faults at once, and then ever fewer.
    fn single_faults(&mut self) {
        let mut size = usize::MAX;
        loop {
            let happened = World::new(self.best.clone(), false).run().tally.faults;
            size = size.min(happened.len().div_ceil(2));
            let mut taken = false;
            for chunk in happened.chunks(size.max(1)) {
                let spared: BTreeSet<_> = self.best.spared.iter().chain(chunk).copied().collect();
                taken |= self.take(Plan { spared, ..self.best.clone() });
            }
            if self.runs >= RUNS || (size <= 1 && !taken) {
                return;
            }
            size = size.div_ceil(2).max(1);
        }
    }
}
