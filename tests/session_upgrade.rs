//! What is stored outlives the release that wrote it.

#![cfg(feature = "client")]

use evertoken::core::session::{
    Caller, Entropy, Event, Input, Item, Machine, Now, Output, Settings, Status,
};

const NOW: Now = Now { wall: 1e12, monotonic: 0.0 };

/// As the first release stored it. Whoever has to change this writes another version.
fn first_release() -> Vec<Item> {
    let entry = r#"{"v":1,"attempt":"the-attempt","access_token":"a2","received_at":999999990000,"refresh_token":"r2","life_ms":300000,"session_id":"s","session_ends_at":1000600000000}"#;
    vec![
        item("evertoken", r#"{"v":1,"login":"c2lnbi1pbi1vZi0yMi1jaA"}"#),
        item("evertoken:c2lnbi1pbi1vZi0yMi1jaA:3", entry),
    ]
}

/// As some later release may.
fn later_release() -> Vec<Item> {
    vec![
        item("evertoken", r#"{"v":2,"login":"c2lnbi1pbi1vZi0yMi1jaA","more":[]}"#),
        item("evertoken:c2lnbi1pbi1vZi0yMi1jaA:4", "?"),
    ]
}

fn item(key: &str, value: &str) -> Item {
    Item { key: key.into(), value: value.into() }
}

/// A tab: its machine, its memory once it has nothing else, and what it did to the storage of all.
struct Tab {
    machine: Machine,
    memory: Option<Vec<Item>>,
    written: Vec<String>,
    warnings: usize,
    sent: Option<(String, Option<String>)>,
}

impl Tab {
    fn open(shared: &[Item]) -> Self {
        let machine = Machine::new(Settings::default());
        let mut tab = Self { machine, memory: None, written: Vec::new(), warnings: 0, sent: None };
        tab.told(Input::Start, shared);
        tab
    }

    fn told(&mut self, input: Input, shared: &[Item]) {
        self.machine.handle_input(input, NOW);
        loop {
            match self.machine.poll_output() {
                Output::Wait(_) => return,
                Output::Read { read, .. } => {
                    let items = self.memory.clone().unwrap_or_else(|| shared.to_vec());
                    self.machine.handle_input(Input::Stored { read, items }, NOW);
                }
                Output::Write { set, remove } => match &mut self.memory {
                    Some(memory) => {
                        memory.retain(|old| set.iter().all(|new| new.key != old.key));
                        memory.extend(set);
                        memory.retain(|old| !remove.contains(&old.key));
                    }
                    None => self.written.extend(set.into_iter().map(|item| item.key).chain(remove)),
                },
                Output::Detach => self.memory = Some(Vec::new()),
                Output::Event(Event::Warning { .. }) => self.warnings += 1,
                Output::Send { refresh_token, attempt, .. } => {
                    self.sent = Some((refresh_token.unwrap().expose().into(), attempt));
                }
                _ => {}
            }
        }
    }
}

fn force() -> Input {
    Input::Ask { caller: Caller(1), min_validity: 0.0, force: true }
}

#[test]
fn c47_what_the_first_release_stored_is_read_and_its_attempt_is_sent() {
    let stored = first_release();
    let mut tab = Tab::open(&stored);
    let snapshot = tab.machine.snapshot();
    assert_eq!((snapshot.status, snapshot.generation), (Status::Active, 3));
    assert_eq!(snapshot.expires_at, Some(1_000_000_290));
    assert_eq!(snapshot.session_ends_at, Some(1_000_600_000));
    tab.told(force(), &stored);
    assert_eq!(tab.sent, Some(("r2".into(), Some("the-attempt".into()))));
    assert_eq!((tab.warnings, tab.written.len()), (0, 0));
}

#[test]
fn c47_what_a_later_release_stored_is_left_alone_with_one_warning() {
    let stored = later_release();
    let mut tab = Tab::open(&stored);
    assert_eq!(tab.machine.snapshot().status, Status::SignedOut);
    let json = String::from(r#"{"access_token":"a0","expires_in":300,"refresh_token":"r0"}"#);
    let input = Input::Tokens { caller: Caller(2), json, entropy: Entropy([1; 32]) };
    tab.told(input, &stored);
    assert_eq!(tab.machine.snapshot().status, Status::Active);
    for _ in 0..3 {
        tab.told(Input::StorageChanged, &stored);
        tab.told(Input::Said(stored[0].value.clone()), &stored);
    }
    tab.told(Input::SignOut { caller: Caller(3), revoke: true }, &stored);
    assert_eq!(tab.machine.snapshot().status, Status::SignedOut);
    assert_eq!((tab.warnings, tab.written.len()), (1, 0));
}

#[test]
fn c47_a_tab_goes_on_in_memory_where_another_one_was_upgraded() {
    let mut tab = Tab::open(&first_release());
    // What the new release says about an end is not understood, and neither is what it stored.
    let said = r#"{"v":2,"login":"c2lnbi1pbi1vZi0yMi1jaA","over":"signedOut"}"#;
    tab.told(Input::Said(said.into()), &later_release());
    tab.told(force(), &later_release());
    assert_eq!(tab.sent, Some(("r2".into(), Some("the-attempt".into()))));
    assert_eq!((tab.warnings, tab.written.len()), (1, 0));
}
