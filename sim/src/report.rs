//! What is printed at the end.

use crate::history::shortest;
use crate::options::Options;
use crate::tally::Tally;
use crate::world::World;

/// How much of a history is shown: its end says why it failed.
const LINES: usize = 120;

pub fn print(options: &Options, tally: &Tally, seconds: f64) {
    let days = tally.device_days.max(1) as f64;
    let each = |count: u64| count as f64 / days;
    let attempts = if options.attempts { "" } else { ", without attempts" };
    println!("scheme {:?}{attempts}, seed {}, {seconds:.0} s", options.scheme, options.seed);
    println!("  device-days                {}", tally.device_days);
    println!("  sessions                   {} ({} ended in time)", tally.sessions, tally.in_time);
    println!("  unused ones of these       {} just after use when they were over", tally.used_late);
    println!(
        "  involuntary sign-outs      {} ({:.4} a device-day)",
        tally.involuntary,
        each(tally.involuntary)
    );
    println!("  storage rolled back        {} (the declared limit)", tally.declared);
    for (count, what) in [
        (tally.clock_set, "ended early, as a clock was set"),
        (tally.unstored, "ended with their page, for want of room"),
    ] {
        if count > 0 {
            println!("  {what}  {count} more");
        }
    }
    println!("  requests with a token      {}", tally.requests);
    println!("  expired ones of them       {}", tally.expired);
    if tally.clock_back > 0 {
        println!("  expired, as a clock was set back unseen  {} more", tally.clock_back);
    }
    println!(
        "  refused for permissions or sessions  {}; sent again and taken {}, not taken {}, not sent {}",
        tally.refused, tally.replayed, tally.refused_again, tally.handed_on
    );
    println!(
        "  refreshes a device-day     {:.1} sent, {:.1} rotated, {:.1} at least",
        each(tally.posts),
        each(tally.rotations),
        tally.needed / days
    );
    println!(
        "  repeated, believed, superseded  {}, {}, {}",
        tally.repeated, tally.believed, tally.superseded
    );
    println!("  stores restored            {}", tally.restores);
    println!(
        "  thefts                     {} ({} never got tokens)",
        tally.thefts, tally.never_used
    );
    println!("  thefts unseen              {}", tally.unseen);
    if tally.forgotten > 0 {
        println!("  thefts unseen, as the store was restored  {} more", tally.forgotten);
    }
    let [none, one, two, three, more] = tally.found;
    println!("  found after 0, 1, 2, 3, more refreshes  {none}, {one}, {two}, {three}, {more}");
    println!("  ended before anybody saw them  {}", tally.gave_up);
}

/// The shortest history that can be found, and how to see it again.
pub fn failure(options: &Options, number: u64, failure: &'static str) {
    println!("\nworld {number}: {failure}; {}", options.command(number));
    let plan = shortest(&options.plan(number), failure);
    println!(
        "{} devices, {} tabs, faults {:?}, {} of them left out",
        plan.devices,
        plan.tabs,
        plan.faults,
        plan.spared.len()
    );
    let history = World::new(plan, true).run().history.unwrap_or_default();
    let left_out = history.len().saturating_sub(LINES);
    if left_out > 0 {
        println!("… {left_out} lines before these");
    }
    for line in &history[left_out..] {
        println!("{line}");
    }
}
