//! The names that columns and files have in the wild, kind by kind: words run together, in lower case, more telling ones first.
//!
//! A standard name is its own synonym and need not be listed; a kind or a name without a line here is found by its own name.

use super::words::words;
use segmenter_proto::jobs::{SourceKind, Unit};

/// Names of a column that holds the customer, whatever the kind.
const CUSTOMER: &str = "clientid custid customerno clientno customernumber clientnumber custno customerkey customercode userpseudoid \
             userid memberid memberno buyerid shopperid visitorid subscriberid personid respondentid householdid \
             householdkey contactid accountid cardno cardnumber loyaltycard kundennr kundennummer kundenid idklienta \
             nrklienta customer client user member person subscriber respondent kunde klient account id email emailaddress customeremail";

/// Names of a column that says when, whatever the kind.
const WHEN: &str =
    "eventtimestamp eventtime eventdate timestamp datetime date day ts createdat created datum data zeit czas";

/// Synonyms of the standard names of a kind.
fn of_kind(kind: SourceKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        SourceKind::Transactions => &[
            (
                "time",
                "orderedat ordertime ordertimestamp orderdatetime orderdate invoicedate purchasedat purchasedate purchasetime \
             transactiontimestamp transactiontime transactiondate transdate saledate soldat paidat paymentdate closedate \
             bestelldatum datazamowienia",
            ),
            (
                "amount",
                "totalamount orderamount netamount grossamount lineamount linetotal ordertotal ordervalue grossvalue gross \
             netvalue salesvalue salesamount saleamount totalprice totalvalue transactionamount purchaseamount paymentvalue \
             closevalue dealvalue dollarvalue revenue turnover total sales spend spent value paid sum betrag umsatz kwota \
             wartosc",
            ),
            (
                "order_id",
                "orderno ordernumber invoiceno invoiceid invoicenumber invoice transactionid transactionno transid basketid \
             receiptid receiptno receiptnumber receipt ticketid purchaseid opportunityid dealid billno billid saleid \
             bestellnr bestellnummer nrzamowienia order transaction basket",
            ),
            ("line_no", "linenumber lineid orderline orderlineno orderlineid itemno line position"),
            ("product_id", PRODUCT),
            ("category", "productcategory categoryname department"),
            ("quantity", "qty units items numitems menge ilosc count"),
            ("discount", "discountamount discountvalue rebate rabatt rabat"),
            ("currency", "currencycode curr waehrung waluta"),
            ("channel", "saleschannel orderchannel ordersource platform kanal"),
            ("store_id", "storeno store shopid shop branch filiale sklep"),
            ("promotion_id", "promotion promoid promocode offerid coupon voucher"),
            ("is_refund", "isreturn refund refunded returned"),
            ("status", "orderstatus orderstate dealstage stage"),
        ],
        SourceKind::Customers => &[
            (
                "birth_date",
                "birthdate dateofbirth dob birthday born yearbirth birthyear yearofbirth geburtsdatum dataurodzenia",
            ),
            ("sex", "gender geschlecht plec"),
            ("income", "annualincome yearlyincome estimatedsalary salary einkommen"),
            ("education", "educationlevel degree"),
            ("occupation", "profession job"),
            ("marital_status", "maritalstatus marital familystatus"),
            ("children", "kids kidscount numchildren numberofchildren"),
            ("country", "countrycode nation land kraj"),
            ("region", "state province county bundesland wojewodztwo"),
            ("city", "town cityname stadt ort miasto"),
            ("postal_code", "postcode postalcode zip zipcode plz kodpocztowy"),
            (
                "signed_up",
                "signedupat signupdate signup registeredat registrationdate registered joindate joinedat joined becamememberon \
             customersince membersince dtcustomer createdat created",
            ),
            ("signup_channel", "acquisitionchannel registrationchannel"),
            ("email", "emailaddress mail customeremail"),
            ("phone", "phonenumber telephone mobilephone telefon"),
            ("updated_at", "updated lastmodified modifiedat lastupdated"),
        ],
        SourceKind::Events => &[
            ("event", "eventname eventtype eventaction action activity"),
            ("session_id", "gasessionid session visitid sessionkey"),
            ("page", "pagelocation pagepath pageurl url screen screenname pagetitle"),
            ("engagement_seconds", "engagementtimemsec engagementtime durationseconds timeonpage"),
            ("value", "eventvalue purchaserevenue ecommercepurchaserevenue eventvalueinusd revenue"),
            ("medium", "trafficsourcemedium trafficmedium sessionmedium utmmedium source"),
            ("device", "devicecategory devicetype platform"),
            ("product_id", PRODUCT),
        ],
        SourceKind::Messages => &[
            ("time", "sentat senttime sentdate sendtime deliveredat"),
            ("action", "event eventname eventtype messageevent messageaction status type"),
            ("message_id", "messageno mailid emailid sendid"),
            ("campaign_id", "campaign campaignname"),
            ("promotion_id", "promotion offerid offer"),
            ("channel", "medium messagechannel"),
        ],
        SourceKind::Members => &[
            ("programme", "program programname loyaltyprogram loyaltyprogramme club"),
            ("tier", "level membertier loyaltytier loyaltystatus membershiplevel membershiptype"),
            ("enrolled_at", "enrolled enrolmentdate enrollmentdate membersince joindate joinedat joined"),
            ("enrolment_channel", "enrollmentchannel joinchannel"),
            ("points_account", "pointsaccountid loyaltyaccount cardaccount"),
        ],
        SourceKind::Points => &[
            ("time", "bookedat bookingdate postedat"),
            ("points", "pointsamount pointsdelta pointschange punkte punkty"),
            ("entry", "entrytype bookingtype type transactiontype"),
            ("expires_at", "expirydate expires expirationdate validuntil"),
            ("reward_id", "reward"),
        ],
        SourceKind::Survey => &[
            ("question", "questionid questiontext questioncode item frage pytanie"),
            ("answer", "response answertext value antwort odpowiedz"),
            ("time", "answeredat submittedat responsedate"),
            ("score", "answervalue answerscore"),
        ],
        SourceKind::Feedback => &[
            ("time", "submittedat reviewedat reviewdate ratedat feedbackdate responsedate"),
            ("feedback", "feedbacktype kind type metric surveytype"),
            ("score", "rating stars npsscore csatscore grade"),
            ("product_id", PRODUCT),
        ],
        SourceKind::Wishes => &[
            ("time", "addedat added addeddate wishedat"),
            ("product_id", PRODUCT),
            ("removed_at", "removed deletedat removaldate"),
        ],
        SourceKind::Consents => &[
            ("channel", "consentchannel medium"),
            ("granted", "optin optedin consent consented allowed isgranted subscribed"),
            ("time", "grantedat consentedat consentdate optindate"),
            ("purpose", "consentpurpose consenttype"),
        ],
        SourceKind::Identities => &[
            ("id", "id1 ida leftid firstid fromid customerid customerid1 one"),
            (
                "other_id",
                "id2 idb rightid secondid toid otherid othercustomerid customerid2 aliasid alias linkedid matchedid duplicateid other",
            ),
            ("same", "issame ismatch match sameperson"),
            ("confidence", "score matchscore probability matchprobability similarity"),
            ("reason", "why matchedby matchrule rule matchtype"),
        ],
        SourceKind::Accounts => &[
            ("industry", "sector branch branche branza"),
            ("employees", "numberofemployees noofemployees employeecount numemployees headcount staff"),
            ("revenue", "annualrevenue turnover"),
            ("founded", "yearestablished foundedyear yearfounded foundingyear established"),
            ("country", "countrycode nation officelocation location billingcountry"),
            ("parent_id", "parentaccountid parentaccount parent subsidiaryof parentcompany"),
            ("owner", "accountowner ownerid accountmanager salesagent"),
        ],
        SourceKind::Opportunities => &[
            ("opened", "opendate openedat openedon createdate createddate createdat created engagedate engagementdate"),
            ("stage", "dealstage stagename opportunitystage salesstage pipelinestage status"),
            ("won", "iswon"),
            ("closed", "closedate closedat closeddate closedon decisiondate"),
            ("amount", "closevalue dealvalue dealamount opportunityamount value revenue"),
            ("product_id", PRODUCT),
        ],
        _ => &[],
    }
}

/// Names of a column that holds the company.
const ACCOUNT: &str = "accountid accountname account companyid companyname company organisationid organizationid organisation organization \
             firmid firm firma";

const PRODUCT: &str = "productcode productno sku stockcode itemid itemcode articleid articleno article asin ean upc artikelnr product \
             item";

/// Names of a price of one piece, which times the quantity is an amount.
pub(super) const UNIT_PRICE: &str = "unitprice itemprice priceperunit listprice price preis cena";

/// Words in the name of a file that tell its kind.
pub(super) fn of_files(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Customers => {
            "customer customers client clients crm user users profile profiles demographics people contacts subscribers \
             churn kunden klienci"
        }
        SourceKind::Transactions => {
            "order orders transactions sales purchases invoices receipts baskets tills deals bestellungen zamowienia"
        }
        SourceKind::Events => "events web ga4 analytics clicks clickstream sessions visits",
        SourceKind::Messages => "messages email emails mailing mailings sms push newsletter sends",
        SourceKind::Members => "members memberships loyalty programme",
        SourceKind::Points => "points ledger",
        SourceKind::Survey => "survey answers responses questionnaire",
        SourceKind::Feedback => "feedback reviews ratings nps csat complaints satisfaction",
        SourceKind::Wishes => "wish wishes wishlist wishlists favourites favorites watchlist",
        SourceKind::Consents => "consent consents optins permissions",
        SourceKind::Identities => "identities identity idmap idgraph pairs matches links aliases crosswalk xref",
        SourceKind::Accounts => "accounts companies",
        SourceKind::Opportunities => "opportunities pipeline",
        SourceKind::Reference => "",
    }
}

/// Values that a column of words has where it is of a kind: what the kind's presets and docs call them.
pub(super) fn of_values(kind: SourceKind) -> Option<(&'static str, &'static str)> {
    match kind {
        SourceKind::Messages => {
            Some(("action", "sent delivered opened clicked converted bounced complained unsubscribed send open click"))
        }
        SourceKind::Feedback => Some(("feedback", "csat nps rating review complaint ignore")),
        SourceKind::Points => Some(("entry", "earn burn expire adjust transfer earned burned")),
        SourceKind::Events => Some((
            "event",
            "page_view session_start first_visit user_engagement view_item add_to_cart begin_checkout purchase scroll click \
             login search",
        )),
        _ => None,
    }
}

/// Gives the names of a column for a standard name of a kind, more telling ones first.
pub(super) fn names(kind: SourceKind, standard: &str) -> impl Iterator<Item = String> {
    let of_kind = of_kind(kind).iter().find(|(known, _)| *known == standard).map_or("", |(_, names)| names);
    let shared = match standard {
        "customer_id" => CUSTOMER,
        "account_id" if kind.owner() == Some(Unit::Account) => ACCOUNT,
        "time" => WHEN,
        _ => "",
    };
    // `time` itself says less than `ordered_at`.
    let own = std::iter::once(words(standard).concat());
    let (first, last) = if standard == "time" { (None, Some(own)) } else { (Some(own), None) };
    let listed = of_kind.split_whitespace().chain(shared.split_whitespace()).map(str::to_owned);
    first.into_iter().flatten().chain(listed).chain(last.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_are_of_standard_names_and_run_together() {
        for kind in SourceKind::ALL {
            for (standard, synonyms) in of_kind(kind) {
                assert!(kind.kind().column(standard).is_some(), "{kind:?} has no {standard}");
                assert!(synonyms.split_whitespace().all(|name| words(name) == [name]), "{synonyms:?}");
            }
            for column in kind.kind().columns {
                let own = words(column.name).concat();
                assert!(names(kind, column.name).any(|name| name == own), "{kind:?} {}", column.name);
            }
            assert!(of_values(kind).is_none_or(|(standard, _)| kind.kind().column(standard).is_some()), "{kind:?}");
        }
    }
}
