//! Which standard name a column is for, guessed from its own name.

use super::shapes::Shape;

/// A standard name with the names that columns for it have in the wild, words run together, more telling ones first.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) standard: &'static str,
    names: &'static [&'static str],
    fits: fn(&Shape) -> bool,
}

fn is_id(shape: &Shape) -> bool {
    matches!(shape, Shape::Text | Shape::Integer | Shape::Number)
}

fn is_number(shape: &Shape) -> bool {
    matches!(shape, Shape::Integer | Shape::Number)
}

fn is_time(shape: &Shape) -> bool {
    matches!(shape, Shape::Time(_))
}

fn is_word(shape: &Shape) -> bool {
    matches!(shape, Shape::Text | Shape::Integer)
}

fn is_flag(shape: &Shape) -> bool {
    *shape == Shape::Bool
}

const fn role(standard: &'static str, names: &'static [&'static str], fits: fn(&Shape) -> bool) -> Role {
    Role { standard, names, fits }
}

/// Roles in the order in which they choose their column.
pub(super) const ROLES: [Role; 22] = [
    role(
        "customer_id",
        &[
            "customerid",
            "clientid",
            "custid",
            "customerno",
            "clientno",
            "customernumber",
            "clientnumber",
            "custno",
            "customerkey",
            "customercode",
            "userid",
            "memberid",
            "memberno",
            "buyerid",
            "shopperid",
            "visitorid",
            "personid",
            "householdid",
            "householdkey",
            "contactid",
            "accountid",
            "cardno",
            "cardnumber",
            "loyaltycard",
            "kundennr",
            "kundennummer",
            "kundenid",
            "idklienta",
            "nrklienta",
            "customer",
            "client",
            "user",
            "member",
            "person",
            "id",
        ],
        is_id,
    ),
    role(
        "order_id",
        &[
            "orderid",
            "orderno",
            "ordernumber",
            "invoiceno",
            "invoiceid",
            "invoicenumber",
            "invoice",
            "transactionid",
            "transactionno",
            "transid",
            "basketid",
            "receiptid",
            "receiptno",
            "receiptnumber",
            "receipt",
            "ticketid",
            "purchaseid",
            "billno",
            "billid",
            "saleid",
            "bestellnr",
            "bestellnummer",
            "order",
            "transaction",
            "basket",
        ],
        is_id,
    ),
    role(
        "line_no",
        &["lineno", "linenumber", "lineid", "orderline", "orderlineno", "orderlineid", "itemno", "line", "position"],
        is_id,
    ),
    role(
        "time",
        &[
            "orderedat",
            "ordertime",
            "ordertimestamp",
            "orderdatetime",
            "orderdate",
            "invoicedate",
            "purchasedat",
            "purchasedate",
            "purchasetime",
            "transactiontimestamp",
            "transactiontime",
            "transactiondate",
            "transdate",
            "saledate",
            "soldat",
            "paidat",
            "paymentdate",
            "eventtime",
            "eventtimestamp",
            "eventdate",
            "createdat",
            "created",
            "timestamp",
            "datetime",
            "time",
            "date",
            "day",
            "ts",
            "bestelldatum",
            "datum",
        ],
        is_time,
    ),
    role(
        "birth_date",
        &["birthdate", "dateofbirth", "dob", "birthday", "born", "geburtsdatum", "dataurodzenia"],
        is_time,
    ),
    role(
        "signed_up",
        &[
            "signedup",
            "signedupat",
            "signupdate",
            "registeredat",
            "registrationdate",
            "registered",
            "joindate",
            "joinedat",
            "joined",
            "becamememberon",
            "enrolmentdate",
            "enrollmentdate",
            "customersince",
            "membersince",
            "dtcustomer",
        ],
        is_time,
    ),
    role(
        "amount",
        &[
            "amount",
            "totalamount",
            "orderamount",
            "netamount",
            "grossamount",
            "lineamount",
            "linetotal",
            "ordertotal",
            "ordervalue",
            "grossvalue",
            "gross",
            "netvalue",
            "salesvalue",
            "salesamount",
            "saleamount",
            "totalprice",
            "totalvalue",
            "transactionamount",
            "purchaseamount",
            "paymentvalue",
            "revenue",
            "turnover",
            "total",
            "sales",
            "spend",
            "spent",
            "value",
            "paid",
            "sum",
            "betrag",
            "umsatz",
            "kwota",
        ],
        is_number,
    ),
    role("unit_price", &["unitprice", "itemprice", "priceperunit", "listprice", "price", "preis", "cena"], is_number),
    role("quantity", &["quantity", "qty", "units", "items", "numitems", "menge", "ilosc", "count"], is_number),
    role("discount", &["discount", "discountamount", "discountvalue", "rebate", "rabatt"], is_number),
    role(
        "product_id",
        &[
            "productid",
            "productcode",
            "productno",
            "sku",
            "stockcode",
            "itemid",
            "itemcode",
            "articleid",
            "articleno",
            "article",
            "asin",
            "ean",
            "upc",
            "product",
            "item",
        ],
        is_id,
    ),
    role("currency", &["currency", "currencycode", "curr", "waehrung", "waluta"], is_word),
    role("channel", &["channel", "saleschannel", "orderchannel", "ordersource", "platform", "kanal"], is_word),
    role("status", &["status", "orderstatus", "orderstate"], is_word),
    role("is_refund", &["isrefund", "isreturn", "refund", "refunded", "returned"], is_flag),
    role("category", &["category", "productcategory", "categoryname", "department"], is_word),
    role("sex", &["sex", "gender", "geschlecht", "plec"], is_word),
    role("email", &["email", "emailaddress", "mail", "customeremail"], is_word),
    role("country", &["country", "countrycode", "nation", "land", "kraj"], is_word),
    role("region", &["region", "state", "province", "county", "bundesland"], is_word),
    role("city", &["city", "town", "cityname", "stadt", "ort", "miasto"], is_word),
    role("postcode", &["postcode", "postalcode", "zip", "zipcode", "plz"], is_word),
];

/// Words that together name a customer's id, where no whole name does.
const WHO: [&str; 8] = ["customer", "client", "cust", "user", "member", "buyer", "shopper", "household"];
const NUMBER: [&str; 7] = ["id", "no", "nr", "number", "num", "key", "code"];

/// Gives the position of the column for each of [`ROLES`]; a column has one role.
pub(super) fn assign(columns: &[(&str, &Shape)]) -> Vec<Option<usize>> {
    let words: Vec<Vec<String>> = columns.iter().map(|(name, _)| words(name)).collect();
    let mut taken = vec![false; columns.len()];
    ROLES
        .iter()
        .map(|role| {
            let rank = |position: &usize| {
                let joined = words[*position].concat();
                let exact = role.names.iter().position(|name| *name == joined);
                exact.or_else(|| (role.standard == "customer_id" && names_customer(&words[*position])).then_some(1000))
            };
            let free = (0..columns.len()).filter(|position| !taken[*position] && (role.fits)(columns[*position].1));
            let chosen = free.filter_map(|position| Some((rank(&position)?, position))).min()?.1;
            taken[chosen] = true;
            Some(chosen)
        })
        .collect()
}

fn names_customer(words: &[String]) -> bool {
    let any = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    any(&WHO) && any(&NUMBER)
}

/// The words of a name, in lower case: `CustomerID`, `customer_id` and `Customer ID` are customer, id.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for character in name.chars() {
        let starts = !before.is_alphanumeric() || (before.is_lowercase() && character.is_uppercase());
        if character.is_alphanumeric() {
            if starts {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(character.to_lowercase());
            }
        }
        before = character;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(words("CustomerID"), ["customer", "id"]);
        assert_eq!(words("Customer ID"), ["customer", "id"]);
        assert_eq!(words("order_no2"), ["order", "no2"]);
        assert_eq!(words("SKU"), ["sku"]);
    }

    #[test]
    fn every_column_has_one_role_and_shapes_must_fit() {
        let columns = [("id", &Shape::Integer), ("loyalty_member_code", &Shape::Text), ("total", &Shape::Text)];
        let roles = assign(&columns);
        let column = |standard: &str| roles[ROLES.iter().position(|role| role.standard == standard).unwrap()];
        assert_eq!(column("customer_id"), Some(0));
        assert_eq!(column("amount"), None);
        assert_eq!(assign(&columns[1..])[0], Some(0));
        assert!(ROLES.iter().all(|role| role.names.iter().all(|name| words(name) == [*name])));
    }
}
