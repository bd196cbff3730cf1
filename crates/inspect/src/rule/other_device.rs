//! What speaks against a smart speaker: the other things that share its networks and services.

use super::{Rule, When};
use crate::evidence::Kind;

pub(super) const RULES: &[Rule] = &[
    against(When::Begins(Kind::Model, "Chromecast"), 10, "names itself a Chromecast"),
    against(When::Begins(Kind::Model, "AppleTV"), 12, "names itself an Apple TV"),
    against(When::Begins(Kind::Model, "Mac"), 12, "names itself a Mac"),
    against(When::Begins(Kind::Model, "iMac"), 12, "names itself a Mac"),
    against(When::Begins(Kind::Model, "iPhone"), 12, "names itself an iPhone"),
    against(When::Begins(Kind::Model, "iPad"), 12, "names itself an iPad"),
    against(When::Has(Kind::Model, "BRAVIA"), 10, "names itself a television"),
    against(When::Has(Kind::Model, "TV"), 8, "names itself a television"),
    against(When::Has(Kind::DhcpHost, "iPhone"), 10, "host name of an iPhone"),
    against(When::Has(Kind::DhcpHost, "iPad"), 10, "host name of an iPad"),
    against(When::Has(Kind::DhcpHost, "MacBook"), 10, "host name of a Mac"),
    against(When::Has(Kind::MdnsHost, "iPhone"), 10, "host name of an iPhone"),
    against(When::Has(Kind::MdnsHost, "iPad"), 10, "host name of an iPad"),
    against(When::Has(Kind::MdnsHost, "MacBook"), 10, "host name of a Mac"),
    against(When::Has(Kind::DhcpHost, "Chromecast"), 8, "host name of a Chromecast"),
    against(When::Begins(Kind::DhcpHost, "DESKTOP-"), 8, "host name of a Windows PC"),
    against(When::Begins(Kind::DhcpHost, "LAPTOP-"), 8, "host name of a Windows PC"),
    against(When::Begins(Kind::DhcpVendor, "MSFT"), 8, "Windows"),
    against(When::Is(Kind::MdnsAnnounced, "_ipp._tcp"), 6, "is a printer"),
    against(When::Is(Kind::MdnsAnnounced, "_printer._tcp"), 6, "is a printer"),
    against(When::Is(Kind::MdnsAnnounced, "_androidtvremote2._tcp"), 8, "is an Android television"),
    against(When::Is(Kind::MdnsAnnounced, "_smb._tcp"), 4, "shares files"),
    against(When::Reaches("msftconnecttest.com"), 6, "checks its connection as Windows"),
    against(When::Reaches("detectportal.firefox.com"), 4, "runs a browser"),
    against(When::Has(Kind::SsdpServer, "Roku"), 6, "announces itself as a Roku"),
    against(When::Has(Kind::SsdpService, "InternetGatewayDevice"), 6, "is a router"),
];

const fn against(when: When, points: i32, meaning: &'static str) -> Rule {
    Rule { when, ecosystem: None, ecosystem_points: 0, speaker_points: -points, meaning }
}
