//! The tables of docs/errors.md and docs/protocol.md say what is so, and all of it.

#![cfg(all(feature = "issuer", feature = "client"))]

use evertoken::core::account::budget::{REFILL, UNITS};
use evertoken::core::account::decide::Verdict;
use evertoken::core::account::past::KEPT;
use evertoken::core::account::refusal::{Refusal, Wire};
use evertoken::core::session::EndReason;

fn row(refusal: Refusal) -> String {
    let error = refusal.error();
    let wire = Wire::of(&error).unwrap();
    let code = wire.code.map(|code| format!(" `{code}` ")).unwrap_or_else(|| String::from("  "));
    let end = match wire.code {
        None => String::from("none: it tries again"),
        Some("superseded") => String::from("none: it takes the newer token"),
        code => format!("`{}`", EndReason::from_wire(code).as_str()),
    };
    let (status, name) = (wire.status, error.code.as_str());
    let reason = error.detail().reason.unwrap();
    format!("| `{}` |{code}| {status} | `{name}` | `{reason}` | {end} |", wire.error)
}

#[test]
fn every_reason_for_refusing_a_refresh_is_in_the_table_and_no_other() {
    let text = include_str!("../docs/errors.md");
    let table: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("| `invalid_grant`") || line.contains("| 503 | `ERR_"))
        .collect();
    let expected: Vec<_> = Refusal::ALL.iter().map(|refusal| row(*refusal)).collect();
    assert_eq!(table, expected);
}

#[test]
fn the_verdicts_of_the_protocol_tell_what_they_tell() {
    let text = include_str!("../docs/protocol.md");
    let row = |name: &str| {
        let row = text.lines().find(|line| line.starts_with(&format!("| {name} | ")));
        row.unwrap_or_else(|| panic!("{name}")).split(" | ").collect::<Vec<_>>()
    };
    for (name, verdict) in [
        ("`Rotate`", Verdict::Rotate { rolled_back: false }),
        ("`Rotate`, rolled back", Verdict::Rotate { rolled_back: true }),
        ("`Repeat`", Verdict::Repeat),
        ("`Superseded`", Verdict::Superseded),
        ("`Reuse`", Verdict::Reuse),
        ("`Refuse`", Verdict::Refuse(Refusal::Unknown)),
    ] {
        let cells = row(name);
        let events: Vec<_> = verdict.events().iter().map(|event| format!("`{event}`")).collect();
        let events = if events.is_empty() { String::from("none") } else { events.join(", ") };
        assert_eq!(cells[3], format!("{events} |"), "{name}");
        let writes = matches!(verdict, Verdict::Rotate { .. } | Verdict::Reuse);
        assert_eq!(cells[2], if writes { "yes" } else { "no" }, "{name}");
        assert_eq!(cells[1].contains("token"), verdict.refusal().is_none(), "{name}");
    }
}

#[test]
fn the_numbers_of_the_protocol_are_those_of_the_code() {
    let text = include_str!("../docs/protocol.md");
    assert_eq!((UNITS, 3600 / REFILL), (10, 2));
    assert!(text.contains("ten times, and twice more an hour"));
    assert!(text.contains(&format!("the {KEPT} that are kept")));
}
