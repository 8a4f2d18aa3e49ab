//! The table of docs/errors.md says what is so, and all of it.

#![cfg(all(feature = "issuer", feature = "client"))]

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
    let table: Vec<_> = text.lines().filter(|line| line.contains("`ERR_")).collect();
    let table: Vec<_> = table.into_iter().filter(|line| line.starts_with('|')).collect();
    let expected: Vec<_> = Refusal::ALL.iter().map(|refusal| row(*refusal)).collect();
    assert_eq!(table, expected);
}
