//! Which condition of a pair comes first: drawn, and balanced within days.

use super::random::Random;

/// Units in a block, at least: days with fewer are taken together with the next.
const LEAST_IN_BLOCK: usize = 4;

/// A block for each unit, by the unit's day: days in order, taken together until a block holds four units. Orders are
/// balanced within blocks when they are drawn, and exchanged within blocks when they are tested.
pub fn blocks(day_of_unit: &[u32]) -> Vec<u32> {
    let mut days = day_of_unit.to_vec();
    days.sort_unstable();
    let mut block_of_day = Vec::new();
    let (mut block, mut held) = (0, 0);
    for own in days.chunk_by(|a, b| a == b) {
        if held >= LEAST_IN_BLOCK {
            (block, held) = (block + 1, 0);
        }
        held += own.len();
        block_of_day.push((own[0], block));
    }
    // what is left over at the end is no block of its own
    if held < LEAST_IN_BLOCK && block > 0 {
        block_of_day.iter_mut().filter(|(_, own)| *own == block).for_each(|(_, own)| *own -= 1);
    }
    let block = |day: &u32| block_of_day[block_of_day.partition_point(|(known, _)| known < day)].1;
    day_of_unit.iter().map(block).collect()
}

/// Whether each unit begins with the second of two conditions: in half of a block's units, in any order; the odd one of
/// an odd number by a coin.
pub(super) fn reversed(blocks: &[u32], seed: u64) -> Vec<bool> {
    let mut found = Vec::with_capacity(blocks.len());
    for (number, block) in (0u64..).zip(blocks.chunk_by(|a, b| a == b)) {
        let mut random = Random::stream(seed, "order", number);
        let first = random.chance(0.5);
        let mut own: Vec<bool> = (0..block.len()).map(|unit| (unit % 2 == 0) == first).collect();
        // Fisher and Yates
        for last in (1..own.len() as u32).rev() {
            own.swap(last as usize, random.whole(0, last) as usize);
        }
        found.extend(own);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_taken_together_until_a_block_holds_four_units() {
        assert_eq!(blocks(&[0, 0, 0, 0, 1, 1, 1, 1]), [0, 0, 0, 0, 1, 1, 1, 1]);
        assert_eq!(blocks(&[0, 0, 0, 1, 1, 1, 2, 2]), [0, 0, 0, 0, 0, 0, 0, 0], "two are left over");
        assert_eq!(blocks(&[3, 0, 1, 2, 7, 5, 4, 6]), [0, 0, 0, 0, 1, 1, 1, 1], "one a day");
        assert_eq!(blocks(&[0, 0]), [0, 0]);
        assert!(blocks(&[]).is_empty());
    }

    #[test]
    fn half_of_each_block_is_reversed_and_the_seed_decides() {
        let blocks = [[0; 8], [1; 8]].concat();
        for seed in 0..20 {
            let orders = reversed(&blocks, seed);
            assert!(orders.chunks(8).all(|day| day.iter().filter(|&&reversed| reversed).count() == 4));
        }
        assert_ne!(reversed(&blocks, 1), reversed(&blocks, 2));
        let odd = reversed(&[0; 5], 1).into_iter().filter(|&reversed| reversed).count();
        assert!((2..=3).contains(&odd));
    }
}
