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
    pub one_token: bool,
    pub without: BTreeSet<Fault>,
    pub threads: usize,
}

const HELP: &str = "\
npm run sim -- [--days N] [--seed N] [--world N] [--scheme evertoken|strict|grace-only|sibling]
               [--without-attempts] [--one-token] [--with FAULT,…] [--without FAULT,…] [--only FAULT,…]
               [--threads N]";

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
            one_token: false,
            without: Fault::EXTRA.into(),
            threads: std::thread::available_parallelism().map_or(2, usize::from),
        };
        while let Some(word) = words.next() {
            match &*word {
                "--without-attempts" => options.attempts = false,
                "--one-token" => options.one_token = true,
                _ => options.take(&word, &words.next().ok_or(HELP)?)?,
            }
        }
        // Other schemes are about refresh tokens.
        let rival = options.scheme != Scheme::Evertoken || !options.attempts;
        if options.one_token && rival {
            return Err(format!("--one-token has no other scheme\n{HELP}"));
        }
        Ok(options)
    }

    fn take(&mut self, word: &str, value: &str) -> Result<(), String> {
        let number = || value.parse::<u64>().map_err(|_| format!("{word} takes a number"));
        match word {
            "--days" => self.days = number()?.max(1),
            "--seed" => self.seed = number()?,
            "--world" => self.world = Some(number()?),
            "--threads" => self.threads = number()?.max(1) as usize,
            "--scheme" => self.scheme = scheme(value)?,
            "--with" => {
                let with = faults(value)?;
                self.without.retain(|fault| !with.contains(fault));
            }
            "--without" => self.without.extend(faults(value)?),
            "--only" => {
                let only = faults(value)?;
                self.without = Fault::ALL.into_iter().filter(|it| !only.contains(it)).collect();
            }
            _ => return Err(HELP.into()),
        }
        Ok(())
    }

    /// What leads to this world alone.
    pub fn command(&self, world: u64) -> String {
        let mut command = format!("npm run sim -- --seed {} --world {world}", self.seed);
        if self.one_token {
            command.push_str(" --one-token");
        }
        for fault in Fault::ALL {
            let (extra, left_out) = (Fault::EXTRA.contains(&fault), self.without.contains(&fault));
            if extra != left_out {
                let how = if extra { "with" } else { "without" };
                command.push_str(&format!(" --{how} {fault:?}"));
            }
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
