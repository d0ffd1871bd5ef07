//! Texts that a careless layer would damage.

/// What a character set can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alphabet {
    Ascii,
    Latin1,
    Basic,
    Full,
}

impl Alphabet {
    /// The alphabet of a collation's character set.
    pub(super) fn of(collation: &str) -> Self {
        match collation.split('_').next().unwrap_or_default() {
            "utf8mb4" | "uca1400" => Self::Full,
            "utf8mb3" | "utf8" => Self::Basic,
            "latin1" => Self::Latin1,
            _ => Self::Ascii,
        }
    }
}

const WORDS: &[(Alphabet, &str)] = &[
    (Alphabet::Ascii, "follow up"),
    (Alphabet::Ascii, "left knee"),
    (Alphabet::Ascii, "paid in cash"),
    (Alphabet::Ascii, "second visit"),
    (Alphabet::Ascii, "Morning"),
    (Alphabet::Ascii, "evening batch"),
    (Alphabet::Ascii, "a 'quoted' \"word\""),
    (Alphabet::Ascii, "back\\slash %s ?"),
    (Alphabet::Ascii, "two\nlines\tand a tab"),
    (Alphabet::Ascii, "007"),
    (Alphabet::Ascii, "1e5"),
    (Alphabet::Ascii, "NULL"),
    (Alphabet::Latin1, "café Zoë ÿ"),
    (Alphabet::Basic, "नमस्ते मरीज़"),
    (Alphabet::Basic, "Łódź – ﬁne"),
    (Alphabet::Basic, "رقم ١٢٣"),
    (Alphabet::Full, "😀 knee 🦵🏽"),
    (Alphabet::Full, "𝒑hysio"),
];

/// A phrase of at most `most` characters; now and then empty.
pub(super) fn phrase(alphabet: Alphabet, most: u64, random: &mut fastrand::Rng) -> String {
    if random.u8(..) < 6 {
        return String::new();
    }
    let words: Vec<&str> =
        WORDS.iter().filter(|(needs, _)| *needs <= alphabet).map(|(_, word)| *word).collect();
    // Plain words are the common case, as in real data.
    let word =
        if random.u8(..) < 200 { WORDS[random.usize(..6)].1 } else { words[random.usize(..words.len())] };
    let mut text: String = word.to_owned();
    if random.bool() {
        text.push_str(&format!(" {}", random.u32(..100_000)));
    }
    // A trailing space is lost in a CHAR column, on every server alike.
    text.chars().take(most as usize).collect::<String>().trim_end().to_owned()
}
