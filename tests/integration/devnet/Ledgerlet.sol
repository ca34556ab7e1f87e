// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Small contract for the devnet's tests: a slot, an event, both kinds of revert.
contract Ledgerlet {
    error TooLarge(uint256 given, uint256 most);
    event Written(address indexed by, uint256 indexed key, uint256 value);

    mapping(uint256 => uint256) private _values;
    uint256 public count;

    function write(uint256 key, uint256 value) external {
        if (value > 1000000) revert TooLarge(value, 1000000);
        require(value != 0, "zero is nothing");
        _values[key] = value;
        count += 1;
        emit Written(msg.sender, key, value);
    }

    function read(uint256 key) external view returns (uint256) {
        return _values[key];
    }

    function spin() external view {
        while (gasleft() > 0) {}
    }

    function ancestor(uint256 number) external view returns (bytes32) {
        return blockhash(number);
    }
}
