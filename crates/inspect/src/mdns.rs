//! mDNS: what a device announces and what it looks for.
//!
//! Source: RFC 6762, RFC 6763. Announcing `_googlecast._tcp` is what a speaker does; asking for it is
//! what a phone does.

use super::dns::{Data, Message};
use super::evidence::Kind;

/// The evidence in a message that the device sent: kind and value.
///
/// Answers inside a question are what the asker already knows of others: they say nothing of it.
pub fn evidence(message: &Message) -> Vec<(Kind, String)> {
    let mut found = Vec::new();
    if !message.is_response {
        let asked = message.questions.iter().filter_map(|name| service(name));
        found.extend(asked.map(|service| (Kind::MdnsAsked, service)));
    }
    for record in message.records.iter().filter(|_| message.is_response) {
        match &record.data {
            Data::Address(_) => found.push((Kind::MdnsHost, record.name.clone())),
            Data::Text(Some(product)) => found.push((Kind::Model, product.clone())),
            Data::Other => continue,
            _ => {}
        }
        let of_pointer = match &record.data {
            // the list of service types points to types
            Data::Pointer(target) if record.name.starts_with("_services._dns-sd.") => service(target),
            _ => None,
        };
        let announced = of_pointer.or_else(|| service(&record.name));
        found.extend(announced.map(|service| (Kind::MdnsAnnounced, service)));
    }
    // a message says a service in several records; it is announced once
    found.sort_unstable();
    found.dedup();
    found
}

/// The service type in a name: the label before `_tcp` or `_udp`, with it.
fn service(name: &str) -> Option<String> {
    let labels: Vec<&str> = name.split('.').collect();
    let at = labels.iter().rposition(|label| matches!(*label, "_tcp" | "_udp"))?;
    let kind = labels[..at].last().filter(|label| label.starts_with('_') && **label != "_dns-sd")?;
    Some(format!("{kind}.{}", labels[at]))
}

#[cfg(test)]
mod tests {
    use super::super::dns::Record;
    use super::*;

    fn response(name: &str, data: Data) -> Message {
        let records = vec![Record { name: name.into(), data }];
        Message { is_response: true, questions: Vec::new(), records }
    }

    #[test]
    fn announcing_and_asking_are_told_apart() {
        let announced = response("living room._airplay._tcp.local", Data::Service);
        assert_eq!(evidence(&announced), [(Kind::MdnsAnnounced, "_airplay._tcp".into())]);
        let mut asked = Message { questions: vec!["_googlecast._tcp.local".into()], ..Message::default() };
        assert_eq!(evidence(&asked), [(Kind::MdnsAsked, "_googlecast._tcp".into())]);
        asked.records = announced.records;
        assert_eq!(evidence(&asked).len(), 1);
    }

    #[test]
    fn subtypes_lists_and_products_are_read() {
        let list = response("_services._dns-sd._udp.local", Data::Pointer("_sonos._tcp.local".into()));
        assert_eq!(evidence(&list), [(Kind::MdnsAnnounced, "_sonos._tcp".into())]);
        let subtype = response("_a1._sub._googlecast._tcp.local", Data::Pointer("x.local".into()));
        assert_eq!(evidence(&subtype), [(Kind::MdnsAnnounced, "_googlecast._tcp".into())]);
        let product = response("x._raop._tcp.local", Data::Text(Some("AudioAccessory5,1".into())));
        assert_eq!(evidence(&product).len(), 2);
    }
}
