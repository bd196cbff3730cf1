//! The names of the hosts that devices reach, learnt from answers and hellos.

use std::collections::HashMap;
use std::net::IpAddr;

/// So many addresses have a name.
const MAX_ADDRESSES: usize = 8192;

/// Names by address. The first name an address was asked for under stays: many names share one address,
/// and a rhythm must not fall apart because of it.
#[derive(Debug, Default)]
pub struct RemoteNames {
    by_address: HashMap<IpAddr, u32>,
    by_name: HashMap<String, u32>,
    names: Vec<String>,
}

impl RemoteNames {
    /// Notes that an address was reached under a name.
    pub fn learn(&mut self, address: IpAddr, name: &str) {
        if self.by_address.len() >= MAX_ADDRESSES || self.by_address.contains_key(&address) {
            return;
        }
        let number = match self.by_name.get(name) {
            Some(&number) => number,
            None => {
                let number = self.names.len() as u32;
                self.names.push(name.to_owned());
                self.by_name.insert(name.to_owned(), number);
                number
            }
        };
        self.by_address.insert(address, number);
    }

    /// The number of an address' name.
    pub fn number(&self, address: IpAddr) -> Option<u32> {
        self.by_address.get(&address).copied()
    }

    /// A name by its number.
    pub fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }
}
