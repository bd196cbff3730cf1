//! A CSV table, straight from the fuzzer. The first bytes choose which column plays which part.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overhear::table::{Roles, Table};

fuzz_target!(|input: &[u8]| {
    let Some(([choice, columns, more], csv)) = input.split_first_chunk::<3>() else { return };
    // names as the table has them, or none of them
    let Ok(all) = Table::from_csv("fuzzed", csv, &[]) else { return };
    let name = |nibble: u8| {
        let found = all.columns.get(usize::from(nibble));
        found.map_or_else(|| "absent".to_owned(), |(name, _)| name.clone())
    };
    let part = |bit: u8, nibble: u8| (choice & 1 << bit != 0).then(|| name(nibble));
    let roles = Roles {
        label: name(columns & 15),
        unit: part(0, columns >> 4),
        fold: part(1, more & 15),
        drop: part(2, more >> 4).into_iter().collect(),
        keep: part(3, columns & 15).into_iter().collect(),
    };
    let table = Table::from_csv("fuzzed", csv, &roles.text_columns()).expect("it was read before");
    assert_eq!(table.n_rows, all.n_rows);
    let _ = table.numbers(&[name(more >> 4)]);
    let Ok(found) = roles.assign(&table) else { return };
    let data = found.data;
    let n = data.n_rows();
    assert!(0 < n && n <= table.n_rows);
    assert_eq!(data.y.len(), n);
    assert_eq!(data.features.len(), data.x.n_columns());
    assert_eq!(data.class_counts().iter().sum::<usize>(), n);
    assert!((0..data.x.n_columns()).all(|j| data.x.column(j).iter().all(|value| value.is_finite())));
    for (places, wanted) in [(&data.units, &roles.unit), (&found.folds, &roles.fold)] {
        assert_eq!(places.as_ref().map(Vec::len), wanted.as_ref().map(|_| n));
    }
});
