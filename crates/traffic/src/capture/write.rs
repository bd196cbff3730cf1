//! Writers for pcapng and pcap.
