//! What can be said on the command line.

use std::collections::BTreeSet;

use crate::plan::Fault;
use crate::rivals::Scheme;

pub struct Options {
    pub days: u64,
    pub seed: u64,
    /// One world alone, with its history.
    pub world: Option<u64>,
    pub scheme: Scheme,
    pub attempts: bool,
    pub without: BTreeSet<Fault>,
    pub threads: usize,
}

const HELP: &str = "\
npm run sim -- [--days N] [--seed N] [--world N] [--scheme evertoken|strict|grace-only|sibling]
               [--without-attempts] [--without FAULT] [--only FAULT,FAULT] [--threads N]";

/// Seconds for which other schemes take a token once more.
const GRACE: i64 = 30;

impl Options {
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            days: 20_000,
            seed: 1,
            world: None,
            scheme: Scheme::Evertoken,
            attempts: true,
            without: BTreeSet::new(),
            threads: std::thread::available_parallelism().map_or(2, usize::from),
        };
        while let Some(word) = words.next() {
            if word == "--without-attempts" {
                options.attempts = false;
                continue;
            }
            let value = words.next().ok_or(HELP)?;
            let number = || value.parse::<u64>().map_err(|_| format!("{word} takes a number"));
            match &*word {
                "--days" => options.days = number()?.max(1),
                "--seed" => options.seed = number()?,
                "--world" => options.world = Some(number()?),
                "--threads" => options.threads = number()?.max(1) as usize,
                "--scheme" => options.scheme = scheme(&value)?,
                "--without" => options.without.extend(faults(&value)?),
                "--only" => {
                    let only = faults(&value)?;
                    options.without =
                        Fault::ALL.into_iter().filter(|it| !only.contains(it)).collect();
                }
                _ => return Err(HELP.into()),
            }
        }
        Ok(options)
    }

    /// What leads to this world alone.
    pub fn command(&self, world: u64) -> String {
        let mut command = format!("npm run sim -- --seed {} --world {world}", self.seed);
        for fault in &self.without {
            command.push_str(&format!(" --without {fault:?}"));
        }
        command
    }
}

fn scheme(name: &str) -> Result<Scheme, String> {
    match name {
        "evertoken" => Ok(Scheme::Evertoken),
        "strict" => Ok(Scheme::Strict),
        "grace-only" => Ok(Scheme::GraceOnly(GRACE)),
        "sibling" => Ok(Scheme::Sibling(GRACE)),
        _ => Err(format!("there is no scheme {name}\n{HELP}")),
    }
}

fn faults(names: &str) -> Result<Vec<Fault>, String> {
    let named = |name: &str| Fault::ALL.into_iter().find(|fault| format!("{fault:?}") == name);
    let unknown = |name| format!("there is no fault {name}; there are {:?}", Fault::ALL);
    names.split(',').map(|name| named(name).ok_or_else(|| unknown(name))).collect()
}
