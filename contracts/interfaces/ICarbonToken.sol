// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Carbon credits by the kilogram
/// @notice One ERC-1155 id per (project, vintage, batch); one unit is 1 kg CO2e. Each issue claims
/// a range of the project's registry serials that no other issue holds (SerialRegistry). Always:
///
///     issued == tradable + retired + cancelled          tradable == sum of all balances
///
/// A share of every issue is set aside in the buffer, a balance of this contract that nobody can
/// move: when stored carbon escapes after all (a reversal), buffered credits are cancelled for it.
///
/// Metadata hashes are the SHA-256 of a document, and with it its IPFS address.
/// @dev Issuing can be paused and sealed for ever. Retiring and moving credits can be neither.
/// Warning: an issuer decides what is issued; readers compare serials with the carbon registry.
interface ICarbonToken {
    /// @notice What became of the serials in the carbon registry they stem from. IMMOBILISED: locked
    /// there, alive here only. RETIRED: used up there already; recorded here, so that nobody can
    /// issue them again, but never tradable.
    enum Origin {
        NONE,
        IMMOBILISED,
        RETIRED
    }

    /// @notice Serials `[serialStart, serialEnd)`, one per kilogram, starting at 1. `hint` is what
    /// `SerialRegistry.hintFor(project, serialEnd)` says.
    struct Issue {
        address to;
        bytes32 project;
        uint16 vintage;
        uint32 batch;
        Origin origin;
        uint64 serialStart;
        uint64 serialEnd;
        uint64 hint;
        bytes32 metadataHash;
    }

    /// @notice One retirement of several from the same credit.
    struct Portion {
        uint64 amount;
        address beneficiary;
        bytes32 purposeHash;
        bytes32 productId;
        address publisher;
    }

    /// @notice A retirement signed by its holder and relayed by anyone. `productId` zero = against
    /// no footprint; `nonce` is `nonces(holder)`.
    struct Retirement {
        address holder;
        uint256 id;
        uint64 amount;
        address beneficiary;
        bytes32 purposeHash;
        bytes32 productId;
        address publisher;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice Credits of this project can be issued; `bufferShare` of them, in 1/10,000, is set aside.
    event ProjectRegistered(bytes32 indexed project, bytes32 metadataHash, uint16 bufferShare);
    /// @notice What a project says about one year.
    event VintageDescribed(bytes32 indexed project, uint16 indexed vintage, bytes32 metadataHash);
    /// @notice No credit of this project will be issued any more.
    event ProjectSealed(bytes32 indexed project);
    /// @notice This credit will not be issued any more.
    event BatchSealed(uint256 indexed id);

    /// @notice `metadataHash` is the SHA-256 of the credit's document, also its IPFS address.
    event CreditIssued(
        uint256 indexed id,
        bytes32 indexed project,
        address indexed to,
        uint16 vintage,
        uint32 batch,
        uint64 serialStart,
        uint64 serialEnd,
        bytes32 metadataHash,
        Origin origin
    );

    /// @notice `amount` kilograms are gone for good, in favour of `beneficiary`.
    /// `id` and `firstKg` name the retirement: of all retired kilograms of the credit it holds those
    /// from `firstKg`, counted from 1. `productId` zero = against no footprint.
    event CreditRetired(
        uint256 indexed id,
        address indexed holder,
        bytes32 indexed productId,
        uint256 firstKg,
        uint256 amount,
        address beneficiary,
        bytes32 purposeHash
    );

    /// @notice The retirement just logged counts against this publisher's footprint of the product.
    event FootprintCompensated(
        bytes32 indexed productId, address indexed publisher, uint256 indexed id, uint256 amount
    );

    /// @notice `amount` kilograms are gone for good and count for nobody.
    event CreditCancelled(
        uint256 indexed id, address indexed holder, bytes32 indexed reasonHash, uint256 amount
    );

    /// @notice Carbon the project had stored escaped; the buffer answered with `amount` kilograms.
    event ReversalRecorded(bytes32 indexed project, bytes32 indexed reportHash, uint256 amount);

    /// @notice Register the project first.
    error UnknownProject(bytes32 project);
    /// @notice This credit was never issued.
    error UnknownCredit(uint256 id);
    /// @notice A project is registered once.
    error ProjectExists(bytes32 project);
    /// @notice A vintage is described once.
    error VintageExists(bytes32 project, uint16 vintage);
    /// @notice Projects, vintages and credits come with a document.
    error MissingMetadata(bytes32 project);
    /// @notice At most half of an issue goes to the buffer.
    error InvalidBufferShare(uint16 share, uint16 maximum);
    /// @notice Serials are immobilised or retired in their registry, nothing else.
    error InvalidOrigin(bytes32 project);
    /// @notice A further issue of a credit has the same document and origin as its first.
    error BatchDiffers(uint256 id);
    /// @notice No further credit of the project can be issued.
    error ProjectIsSealed(bytes32 project);
    /// @notice No more of this credit can be issued.
    error BatchIsSealed(uint256 id);
    /// @notice Zero kilograms retire or cancel nothing.
    error ZeroAmount();
    /// @notice The signed intent reached the chain too late.
    error Expired(uint64 deadline, uint256 timestamp);
    /// @notice The signature is malformed, malleable or somebody else's.
    error InvalidSignature(address expected);

    /* ISSUING */

    /// @notice Opens a project for issuing; what it says here is for ever.
    function registerProject(bytes32 project, bytes32 metadataHash, uint16 bufferShare) external;

    /// @notice Attaches a document to one year of a project, once.
    function describeVintage(bytes32 project, uint16 vintage, bytes32 metadataHash) external;

    /// @notice Creates the credits of one serial range.
    function issue(Issue calldata i) external returns (uint256 id);

    /// @notice Ends issuing for a project; there is no way back.
    function sealProject(bytes32 project) external;

    /// @notice Ends issuing for one credit; there is no way back.
    function sealBatch(uint256 id) external;

    /// @notice Takes the caller's own credits out of the world without anybody's benefit.
    function cancel(uint256 id, uint256 amount, bytes32 reasonHash) external;

    /// @notice Answers a reversal with credits of the buffer, of this project or any other.
    function reversal(
        bytes32 project,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        bytes32 reportHash
    ) external;

    /// @notice Stops issuing until `unpause`; nothing else stops.
    function pause() external;

    /// @notice Lets issuing go on.
    function unpause() external;

    /* RETIRING */

    /// @notice Takes the caller's credits out of the world.
    /// @param purposeHash SHA-256 of a statement of purpose; zero = none
    /// @return firstKg names the retirement, together with `id`
    function retire(uint256 id, uint256 amount, address beneficiary, bytes32 purposeHash)
        external
        returns (uint256 firstKg);

    /// @notice `retire` against the footprint of a product; never more than that footprint.
    /// @param publisher who stated the footprint (FootprintRegistry)
    function retireAgainst(
        uint256 id,
        uint256 amount,
        address beneficiary,
        bytes32 purposeHash,
        bytes32 productId,
        address publisher
    ) external returns (uint256 firstKg);

    /// @notice Many retirements from one of the caller's credits; all or none.
    function retireMany(uint256 id, Portion[] calldata portions) external returns (uint256 firstKg);

    /// @notice A retirement for a holder who pays no gas.
    function retireFor(Retirement calldata r, bytes calldata signature)
        external
        returns (uint256 firstKg);

    /* VIEWS */

    /// @notice The id of a credit: keccak256(abi.encode(project, vintage, batch)).
    function creditId(bytes32 project, uint16 vintage, uint32 batch) external pure returns (uint256);

    /// @notice Kilograms in each state; `buffered` is the part of `tradable` that nobody can move.
    function supplyOf(uint256 id)
        external
        view
        returns (
            uint256 issued,
            uint256 tradable,
            uint256 retired,
            uint256 cancelled,
            uint256 buffered
        );

    /// @notice A zero hash means: not registered.
    function projectOf(bytes32 project)
        external
        view
        returns (bytes32 metadataHash, uint16 bufferShare, bool isSealed);

    /// @notice Zero = not described.
    function vintageOf(bytes32 project, uint16 vintage) external view returns (bytes32 metadataHash);

    /// @notice A zero hash means: never issued.
    function batchOf(uint256 id)
        external
        view
        returns (bytes32 metadataHash, Origin origin, bool isSealed);
}
