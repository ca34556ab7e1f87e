// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Registry of a transparency log's checkpoints and of contracts' status.
/// @notice Keeps one head (sequence, size, root) of an RFC 9162 log and refuses any checkpoint that does not
/// extend it, so that nobody, the log's operator included, can shorten, reorder or fork recorded history.
/// Beside it stands one status word a contract, which storage proofs can show offline.
/// @dev No proxy, no owner's back door: the code hash at this address is what verifiers pin.
/// Storage layout (relied upon by offline proofs): 0 statusWords, 1 sequence | size | twins | paused from the low
/// end, 2 root, 3 roles, 4 admin, 5 pendingAdmin. The word of key k is at keccak256(k . uint256(0)).
/// The size is the operator's claim within one shape of proof; the root, which fixes the leaves, is proven.
contract ContractsRegistry {
    /// @notice May anchor checkpoints.
    uint8 public constant ANCHOR = 1;
    /// @notice May set status words.
    uint8 public constant STATUS = 2;
    /// @notice Second hash of a log: its SM3 twin over SM3(0x00 . record) and SM3(0x01 . left . right).
    uint8 public constant SM3 = 1;

    /// @notice Codes of a status word; any word above 255 is the leaf hash of a successor (superseded).
    uint8 public constant NONE = 0;
    uint8 public constant IN_FORCE = 1;
    uint8 public constant SUPERSEDED = 2;
    uint8 public constant TERMINATED = 3;
    uint8 public constant SUSPENDED = 4;

    /// @notice One change of status with the proofs that its leaves are in the head's tree.
    /// @dev `key` is the leaf hash of the execution record and `index` its place; the successor's members are
    /// zero and empty unless the status is SUPERSEDED.
    struct StatusChange {
        bytes32 key;
        uint8 status;
        bytes32 successor;
        uint64 index;
        bytes32[] path;
        uint64 successorIndex;
        bytes32[] successorPath;
    }

    mapping(bytes32 key => bytes32 word) private _statusWords;
    uint64 private _sequence;
    uint64 private _size;
    /// @dev Bit `algorithm` is set once the head has that twin; a new head starts with none.
    uint8 private _twins;
    bool private _paused;
    bytes32 private _root;
    mapping(address account => uint8 mask) private _roles;
    address private _admin;
    address private _pendingAdmin;

    /// @notice A checkpoint was accepted.
    event Anchored(uint64 indexed sequence, uint64 size, bytes32 root);
    /// @notice The head's root under a second hash function was put on record.
    event TwinAnchored(
        uint64 indexed sequence, uint8 indexed algorithm, uint64 size, bytes32 root, bytes32 twinRoot
    );
    /// @notice A contract's status changed; `successor` is zero unless superseded.
    event StatusChanged(bytes32 indexed key, uint8 status, bytes32 successor);
    /// @notice An account may from now on do what the role allows.
    event RoleGranted(uint8 indexed role, address indexed account);
    /// @notice An account may no longer do what the role allows.
    event RoleRevoked(uint8 indexed role, address indexed account);
    /// @notice The administration was offered; zero withdraws an offer.
    event AdminOffered(address indexed from, address indexed to);
    /// @notice The administration changed hands; `from` is zero at deployment.
    event AdminChanged(address indexed from, address indexed to);
    /// @notice Writing was stopped or resumed.
    event PauseChanged(bool paused);

    /// @notice The caller lacks the role.
    error RoleError(address account, uint8 role);
    /// @notice The caller is not the admin, or not the one the administration was offered to.
    error AdminError(address account);
    error UnknownRoleError(uint8 role);
    error ZeroAddressError();
    error PausedError();
    /// @notice Another sequence is due: the call came twice, too early or too late.
    error SequenceError(uint64 expected, uint64 given);
    /// @notice The log must grow.
    error SizeError(uint64 held, uint64 given);
    error ZeroRootError();
    /// @notice The proof does not show that the given tree begins with the held one.
    error ConsistencyError(uint64 heldSize, bytes32 heldRoot, uint64 givenSize, bytes32 givenRoot);
    /// @notice The path does not lead from the leaf at this index to the head's root.
    error InclusionError(bytes32 leaf, uint64 index, uint64 size);
    error UnknownAlgorithmError(uint8 algorithm);
    /// @notice The head already has a twin under this algorithm.
    error TwinError(uint64 sequence, uint8 algorithm);
    error EmptyBatchError();
    /// @notice A status does not follow from the one held.
    error StatusError(bytes32 key, uint8 from, uint8 to);
    /// @notice A successor is missing, superfluous, reads as a code or is the key itself.
    error SuccessorError(bytes32 key, uint8 status, bytes32 successor);

    modifier onlyAdmin() {
        if (msg.sender != _admin) revert AdminError(msg.sender);
        _;
    }

    /// @param firstAdmin Holds the roles' keys; hand-over takes two steps.
    /// @param anchorer First account with ANCHOR.
    /// @param statusKeeper First account with STATUS.
    constructor(address firstAdmin, address anchorer, address statusKeeper) {
        if (firstAdmin == address(0)) revert ZeroAddressError();
        _admin = firstAdmin;
        emit AdminChanged(address(0), firstAdmin);
        _grant(ANCHOR, anchorer);
        _grant(STATUS, statusKeeper);
    }

    /// @notice Accept the next checkpoint of the log.
    /// @dev Requirements: caller has ANCHOR; not paused; `sequence` is the head's plus one; `size` grows;
    /// `root` is not zero; `consistencyProof` shows by RFC 9162 section 2.1.4.2 that the tree of `size`
    /// leaves begins with the head's leaves. The first checkpoint takes an empty proof.
    function anchor(uint64 sequence, uint64 size, bytes32 root, bytes32[] calldata consistencyProof) external {
        _requireWriter(ANCHOR);
        (uint64 heldSequence, uint64 heldSize) = (_sequence, _size);
        if (heldSequence == type(uint64).max || sequence != heldSequence + 1) {
            revert SequenceError(heldSequence + 1, sequence);
        }
        if (size <= heldSize) revert SizeError(heldSize, size);
        if (root == 0) revert ZeroRootError();
        bytes32 heldRoot = _root;
        bool extended = heldSize == 0
            ? consistencyProof.length == 0
            : _extends(heldSize, heldRoot, size, root, consistencyProof);
        if (!extended) revert ConsistencyError(heldSize, heldRoot, size, root);
        (_sequence, _size, _twins, _root) = (sequence, size, 0, root);
        emit Anchored(sequence, size, root);
    }

    /// @notice Put the head's root under a second hash function on record, so that the proof outlives SHA-256.
    /// @dev Requirements: caller has ANCHOR; not paused; `sequence` is the head's, so that a head exists;
    /// `algorithm` is SM3; the head has no such twin yet; `twinRoot` is not zero. No precompile knows SM3, so that
    /// nobody on chain compares the two trees: whoever has the records does.
    function anchorTwin(uint64 sequence, uint8 algorithm, bytes32 twinRoot) external {
        _requireWriter(ANCHOR);
        (uint64 heldSequence, uint64 size, uint8 twins) = (_sequence, _size, _twins);
        if (sequence != heldSequence || sequence == 0) revert SequenceError(heldSequence, sequence);
        if (algorithm != SM3) revert UnknownAlgorithmError(algorithm);
        uint8 bit = uint8(1 << algorithm);
        if (twins & bit != 0) revert TwinError(sequence, algorithm);
        if (twinRoot == 0) revert ZeroRootError();
        _twins = twins | bit;
        emit TwinAnchored(sequence, algorithm, size, _root, twinRoot);
    }

    /// @notice Record how contracts stand: all of the changes, in order, or none.
    /// @dev Requirements: caller has STATUS; not paused; at least one change; every key, and every successor,
    /// is proven to be a leaf of the head's tree; a key's first status is IN_FORCE; a suspended contract may
    /// return to force; a superseded one may only be terminated; nothing leaves TERMINATED; a successor is
    /// given exactly with SUPERSEDED, exceeds 255 and is not the key itself.
    function setStatuses(StatusChange[] calldata changes) external {
        _requireWriter(STATUS);
        if (changes.length == 0) revert EmptyBatchError();
        (uint64 size, bytes32 root) = (_size, _root);
        for (uint256 i = 0; i < changes.length; ++i) _setStatus(changes[i], size, root);
    }

    /// @notice Show that a leaf is in the head's tree (RFC 9162 section 2.1.3.2); reverts where it is not.
    /// @return sequence The head's sequence.
    /// @return size The head's size, to which `index` and `path` belong.
    function verifyInclusion(bytes32 leaf, uint64 index, bytes32[] calldata path)
        external
        view
        returns (uint64 sequence, uint64 size)
    {
        (sequence, size) = (_sequence, _size);
        _requireLeaf(leaf, index, path, size, _root);
    }

    /// @notice The newest checkpoint; all zero before the first.
    function head() external view returns (uint64 sequence, uint64 size, bytes32 root) {
        return (_sequence, _size, _root);
    }

    /// @notice A contract's status and, if superseded, its successor.
    function statusOf(bytes32 key) external view returns (uint8 status, bytes32 successor) {
        bytes32 word = _statusWords[key];
        status = _code(word);
        successor = status == SUPERSEDED ? word : bytes32(0);
    }

    function hasRole(uint8 role, address account) external view returns (bool) {
        return _roles[account] & role != 0;
    }

    function admin() external view returns (address current, address pending) {
        return (_admin, _pendingAdmin);
    }

    function paused() external view returns (bool) {
        return _paused;
    }

    /// @notice Give one role to an account. Requirements: caller is the admin; the role exists.
    function grant(uint8 role, address account) external onlyAdmin {
        _grant(role, account);
    }

    /// @notice Take one role from an account. Requirements: caller is the admin; the role exists.
    function revoke(uint8 role, address account) external onlyAdmin {
        if (role != ANCHOR && role != STATUS) revert UnknownRoleError(role);
        _roles[account] &= ~role;
        emit RoleRevoked(role, account);
    }

    /// @notice First step of the hand-over; offering zero withdraws the offer.
    function offerAdmin(address to) external onlyAdmin {
        _pendingAdmin = to;
        emit AdminOffered(msg.sender, to);
    }

    /// @notice Second step: the new admin shows that it holds its key.
    function acceptAdmin() external {
        if (msg.sender != _pendingAdmin) revert AdminError(msg.sender);
        emit AdminChanged(_admin, msg.sender);
        _admin = msg.sender;
        _pendingAdmin = address(0);
    }

    /// @notice Stop or resume writing; reading never stops.
    function setPaused(bool stop) external onlyAdmin {
        _paused = stop;
        emit PauseChanged(stop);
    }

    function _requireWriter(uint8 role) private view {
        if (_roles[msg.sender] & role == 0) revert RoleError(msg.sender, role);
        if (_paused) revert PausedError();
    }

    function _grant(uint8 role, address account) private {
        if (role != ANCHOR && role != STATUS) revert UnknownRoleError(role);
        if (account == address(0)) revert ZeroAddressError();
        _roles[account] |= role;
        emit RoleGranted(role, account);
    }

    function _setStatus(StatusChange calldata change, uint64 size, bytes32 root) private {
        (bytes32 key, uint8 status, bytes32 successor) = (change.key, change.status, change.successor);
        _requireLeaf(key, change.index, change.path, size, root);
        uint8 from = _code(_statusWords[key]);
        if (!_mayFollow(from, status)) revert StatusError(key, from, status);
        if (status == SUPERSEDED) {
            if (uint256(successor) <= 0xff || successor == key) revert SuccessorError(key, status, successor);
            _requireLeaf(successor, change.successorIndex, change.successorPath, size, root);
            _statusWords[key] = successor;
        } else {
            if (successor != 0 || change.successorIndex != 0 || change.successorPath.length != 0) {
                revert SuccessorError(key, status, successor);
            }
            _statusWords[key] = bytes32(uint256(status));
        }
        emit StatusChanged(key, status, successor);
    }

    function _requireLeaf(bytes32 leaf, uint64 index, bytes32[] calldata path, uint64 size, bytes32 root)
        private
        view
    {
        if (index >= size || _rootOver(leaf, index, size - 1, path) != root) {
            revert InclusionError(leaf, index, size);
        }
    }

    function _code(bytes32 word) private pure returns (uint8) {
        return uint256(word) > 0xff ? SUPERSEDED : uint8(uint256(word));
    }

    function _mayFollow(uint8 from, uint8 to) private pure returns (bool) {
        if (from == NONE) return to == IN_FORCE;
        if (from == IN_FORCE) return to == SUPERSEDED || to == TERMINATED || to == SUSPENDED;
        if (from == SUSPENDED) return to == IN_FORCE || to == SUPERSEDED || to == TERMINATED;
        return from == SUPERSEDED && to == TERMINATED;
    }

    /// @dev RFC 9162 section 2.1.4.2 for 0 < first < second, variables named as there.
    function _extends(uint64 first, bytes32 firstRoot, uint64 second, bytes32 secondRoot, bytes32[] calldata path)
        private
        view
        returns (bool)
    {
        unchecked {
            bytes32 seed = firstRoot;
            if (first & (first - 1) != 0) {
                if (path.length == 0) return false;
                (seed, path) = (path[0], path[1:]);
            }
            uint256 fn = first - 1;
            uint256 sn = second - 1;
            for (; fn & 1 == 1; fn >>= 1) sn >>= 1;
            (bytes32 fr, bytes32 sr) = _rootsOver(seed, fn, sn, path);
            return fr == firstRoot && sr == secondRoot;
        }
    }

    /// @dev The loop of RFC 9162 section 2.1.4.2: the roots of both trees over one seed, or zeros, which are no
    /// roots, where the path is too long or too short. Nodes, 01 . left . right, are laid out past the free
    /// memory pointer and hashed by the SHA-256 precompile at 2; `hashed` falls to 0 if it ever runs out of gas.
    function _rootsOver(bytes32 seed, uint256 fn, uint256 sn, bytes32[] calldata path)
        private
        view
        returns (bytes32 fr, bytes32 sr)
    {
        assembly ("memory-safe") {
            let node := mload(0x40)
            let left := add(node, 1)
            let right := add(node, 33)
            let hashed := 1
            let next := path.offset
            let end := add(next, shl(5, path.length))
            mstore8(node, 1)
            fr := seed
            sr := seed
            for {} and(lt(next, end), gt(sn, 0)) { next := add(next, 32) } {
                switch or(and(fn, 1), eq(fn, sn))
                case 0 {
                    mstore(left, sr)
                    mstore(right, calldataload(next))
                    hashed := and(hashed, staticcall(gas(), 2, node, 65, 0, 32))
                    sr := mload(0)
                }
                default {
                    mstore(left, calldataload(next))
                    mstore(right, fr)
                    hashed := and(hashed, staticcall(gas(), 2, node, 65, 0, 32))
                    fr := mload(0)
                    mstore(right, sr)
                    hashed := and(hashed, staticcall(gas(), 2, node, 65, 0, 32))
                    sr := mload(0)
                    // an even fn is the last node of its level: climb to where it has a sibling
                    for {} and(iszero(and(fn, 1)), gt(fn, 0)) { fn := shr(1, fn) } { sn := shr(1, sn) }
                }
                fn := shr(1, fn)
                sn := shr(1, sn)
            }
            if iszero(hashed) { revert(0, 0) }
            // at the end of the path both are at the top, neither before nor beyond it
            let whole := and(eq(next, end), iszero(sn))
            fr := mul(fr, whole)
            sr := mul(sr, whole)
        }
    }

    /// @dev RFC 9162 section 2.1.3.2 for index <= last, variables named as there: the root over a leaf, or zero,
    /// which is no root, where the path is too long or too short. Memory and `hashed` as above.
    function _rootOver(bytes32 leaf, uint256 fn, uint256 sn, bytes32[] calldata path)
        private
        view
        returns (bytes32 r)
    {
        assembly ("memory-safe") {
            let node := mload(0x40)
            let left := add(node, 1)
            let right := add(node, 33)
            let hashed := 1
            let next := path.offset
            let end := add(next, shl(5, path.length))
            mstore8(node, 1)
            r := leaf
            for {} and(lt(next, end), gt(sn, 0)) { next := add(next, 32) } {
                switch or(and(fn, 1), eq(fn, sn))
                case 0 {
                    mstore(left, r)
                    mstore(right, calldataload(next))
                }
                default {
                    mstore(left, calldataload(next))
                    mstore(right, r)
                    for {} and(iszero(and(fn, 1)), gt(fn, 0)) { fn := shr(1, fn) } { sn := shr(1, sn) }
                }
                hashed := and(hashed, staticcall(gas(), 2, node, 65, 0, 32))
                r := mload(0)
                fn := shr(1, fn)
                sn := shr(1, sn)
            }
            if iszero(hashed) { revert(0, 0) }
            r := mul(r, and(eq(next, end), iszero(sn)))
        }
    }
}
