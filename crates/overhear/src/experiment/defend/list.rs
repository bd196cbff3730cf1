//! What a sweep tries where nothing else is said.

use crate::Error;
use overhear_change::defence::{DEFENCES, Setting};

/// Stacks that go together: headers and lengths, lengths and times, all of them; what the router can do alone, and what needs a far end.
const STACKS: [&str; 10] = [
    "normalise-ttl quantise-window",
    "normalise-ttl quantise-window batch:ms=250",
    "normalise-ttl quantise-window pace:rate=250",
    "pad-to-mtu batch:ms=250",
    "padme batch:ms=250",
    "normalise-ttl quantise-window pad-to-mtu",
    "normalise-ttl quantise-window pad-to-mtu batch:ms=250",
    "normalise-ttl quantise-window reduce pad-to-mtu",
    "pad-to-mtu front:size=1500,packets=10",
    "normalise-ttl quantise-window constant-rate:size=500,hz=2,always=1",
];

/// Every defence of the register at its settings, then stacks.
pub fn default_stacks() -> Vec<Vec<Setting>> {
    let single = DEFENCES.iter().flat_map(|entry| entry.sweep()).map(|setting| vec![setting]);
    // a defence that was left out when the program was built is in no stack
    single.chain(STACKS.iter().filter_map(|text| parse(text).ok())).collect()
}

/// Defences as they are typed, with blanks between.
///
/// # Errors
/// [`Error::Change`] for a name or a value that is none.
pub fn parse(text: &str) -> Result<Vec<Setting>, Error> {
    Ok(text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_and_stack_of_the_default_sweep_can_be_built() {
        let n = DEFENCES.iter().map(|entry| entry.settings.len()).sum::<usize>() + STACKS.len();
        assert_eq!(default_stacks().len(), n);
    }
}
