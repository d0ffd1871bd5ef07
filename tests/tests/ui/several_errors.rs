//! Every mistake of a struct is reported by one compile, each at its own field, and its uses are not.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "payments")]
struct Payment {
    paymentid: i64,
    amount: f64,
    #[physio(column = "remark")]
    note: Option<String>,
    branch_id: i32,
    mode: Option<String>,
}

fn columns_of<T: FromRow>() -> usize {
    T::COLUMNS.len()
}

fn main() {
    columns_of::<Payment>();
}
