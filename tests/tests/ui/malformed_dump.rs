//! Everything that is wrong in a dump, with its line.

mod clinic {
    physio_runtime::schema!("malformed/physio.toml");
}

fn main() {}
